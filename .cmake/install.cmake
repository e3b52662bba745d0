# What `cmake --install` puts where, beside what the modules install themselves (programs, plugins, SDK).
install(FILES ${PROJECT_SOURCE_DIR}/config/stemma.yaml DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/stemma)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/config/erp/ DESTINATION ${CMAKE_INSTALL_DATADIR}/stemma/erp FILES_MATCHING PATTERN *.yaml)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/config/rules/ DESTINATION ${CMAKE_INSTALL_DATADIR}/stemma/rules FILES_MATCHING PATTERN *.yaml)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/schemas/ DESTINATION ${CMAKE_INSTALL_DATADIR}/stemma/schemas)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/core/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN *.md)
install(FILES ${PROJECT_SOURCE_DIR}/config/systemd/stemmad.service DESTINATION lib/systemd/system)
