# What `cmake --install` puts where, beside what the modules install themselves (programs, plugins, SDK).
# The annotated settings are a template: `stemma init` writes an administrator's own from it and never replaces one.
install(FILES ${PROJECT_SOURCE_DIR}/config/stemma.yaml DESTINATION ${CMAKE_INSTALL_DATADIR}/stemma)
# lib, not the multiarch folder: plugins.directory is /usr/lib/stemma/plugins on every machine.
install(TARGETS plugin_serial plugin_lot plugin_sku plugin_expiry plugin_compliance plugin_rma plugin_warranty LIBRARY DESTINATION lib/stemma/plugins
  PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/config/erp/ DESTINATION ${CMAKE_INSTALL_DATADIR}/stemma/erp FILES_MATCHING PATTERN *.yaml)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/config/rules/ DESTINATION ${CMAKE_INSTALL_DATADIR}/stemma/rules FILES_MATCHING PATTERN *.yaml)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/config/warranty/ DESTINATION ${CMAKE_INSTALL_DATADIR}/stemma/warranty FILES_MATCHING PATTERN *.yaml)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/schemas/ DESTINATION ${CMAKE_INSTALL_DATADIR}/stemma/schemas)
install(FILES ${PROJECT_SOURCE_DIR}/config/systemd/stemmad.service DESTINATION lib/systemd/system)
install(FILES ${PROJECT_SOURCE_DIR}/config/systemd/stemma.sysusers DESTINATION lib/sysusers.d RENAME stemma.conf)
install(FILES ${PROJECT_SOURCE_DIR}/config/systemd/stemma.tmpfiles DESTINATION lib/tmpfiles.d RENAME stemma.conf)

# The manual, and whatever it links to, each file in the folder that it has here: so its links work where it is installed.
file(GLOB manual RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS
  README.md CHANGELOG.md CONTRIBUTING.md LICENSE core/DESIGN.md core/docs/*.md adapters/erp/README.md
  core/base/statistics.hpp core/lineage/attribution.hpp core/lineage/attribution_naming.hpp core/lineage/movement.hpp
  plugins/*/README.md plugins/sdk/sample/sample.cpp plugins/sdk/include/stemma/plugin/*.h plugins/sdk/include/stemma/plugin/*.hpp
  config/erp/*.yaml config/rules/*.yaml config/warranty/*.yaml)
file(GLOB_RECURSE schemas RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS schemas/*.json schemas/*.yaml schemas/*.md)
foreach(file ${manual} ${schemas})
  cmake_path(GET file PARENT_PATH folder)
  install(FILES ${PROJECT_SOURCE_DIR}/${file} DESTINATION ${CMAKE_INSTALL_DOCDIR}/${folder} COMPONENT manual)
endforeach()

if(STEMMA_TESTS)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  set(to ${CMAKE_BINARY_DIR}/installed_manual)
  set(installed ${to}${CMAKE_INSTALL_FULL_DOCDIR})
  add_test(NAME lint.links_of_the_installed_manual
    COMMAND sh -c "rm -rf '${to}' && DESTDIR='${to}' '${CMAKE_COMMAND}' --install '${CMAKE_BINARY_DIR}' --component manual \
                   && test -f '${installed}/core/docs/index.md' \
                   && '${Python3_EXECUTABLE}' '${PROJECT_SOURCE_DIR}/tests/lint/links.py' '${installed}'")
  set_tests_properties(lint.links_of_the_installed_manual PROPERTIES LABELS lint)
endif()
