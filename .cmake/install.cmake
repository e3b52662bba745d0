# What `cmake --install` puts where, beside what the modules install themselves (programs, plugins, SDK).
# The annotated settings are a template: `stemma init` writes an administrator's own from it and never replaces one.
install(FILES ${PROJECT_SOURCE_DIR}/config/stemma.yaml DESTINATION ${CMAKE_INSTALL_DATADIR}/stemma)
# lib, not the multiarch folder: plugins.directory is /usr/lib/stemma/plugins on every machine.
install(TARGETS plugin_serial plugin_lot plugin_sku plugin_expiry plugin_compliance plugin_rma LIBRARY DESTINATION lib/stemma/plugins
  PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/config/erp/ DESTINATION ${CMAKE_INSTALL_DATADIR}/stemma/erp FILES_MATCHING PATTERN *.yaml)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/config/rules/ DESTINATION ${CMAKE_INSTALL_DATADIR}/stemma/rules FILES_MATCHING PATTERN *.yaml)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/schemas/ DESTINATION ${CMAKE_INSTALL_DATADIR}/stemma/schemas)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/core/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN *.md)
install(FILES ${PROJECT_SOURCE_DIR}/config/systemd/stemmad.service DESTINATION lib/systemd/system)
install(FILES ${PROJECT_SOURCE_DIR}/config/systemd/stemma.sysusers DESTINATION lib/sysusers.d RENAME stemma.conf)
install(FILES ${PROJECT_SOURCE_DIR}/config/systemd/stemma.tmpfiles DESTINATION lib/tmpfiles.d RENAME stemma.conf)
