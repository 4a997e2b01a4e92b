# Three Debian packages of one build: ./dev package, or
#   cmake --build --preset release --target packaged && cpack --preset release
# What a package holds is named here file by file; its scripts are in packaging/.
set(packaging ${PROJECT_SOURCE_DIR}/packaging)

# Times in the packages are the last commit's, so that the same source gives the same bytes. Without
# git: SOURCE_DATE_EPOCH from outside, or the day this was written.
set(package_epoch $ENV{SOURCE_DATE_EPOCH})
if(NOT package_epoch)
  execute_process(
    COMMAND git -C ${PROJECT_SOURCE_DIR} log -1 --format=%ct
    OUTPUT_VARIABLE package_epoch
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
  )
endif()
if(NOT package_epoch)
  set(package_epoch 1795305600)
endif()

set(package_files ${PROJECT_BINARY_DIR}/package)
set(golden ${PROJECT_SOURCE_DIR}/tests/golden)
set(pages
    ${package_files}/cairn.1.gz ${package_files}/cairn-verify.1.gz
    ${package_files}/cairn-agent.8.gz ${package_files}/cairnd.8.gz
)
add_custom_command(
  OUTPUT ${pages}
  COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/manpages.py ${golden} ${package_files}
          ${PROJECT_VERSION}
  DEPENDS ${PROJECT_SOURCE_DIR}/tools/manpages.py ${golden}/help_cairn.txt
          ${golden}/help_cairn-verify.txt ${golden}/help_cairn-agent.txt ${golden}/help_cairnd.txt
  VERBATIM
)
add_custom_command(
  OUTPUT ${package_files}/changelog.gz
  COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/changelog.py
          ${PROJECT_SOURCE_DIR}/CHANGELOG.md ${PROJECT_VERSION} ${package_epoch}
          ${package_files}/changelog.gz
  DEPENDS ${PROJECT_SOURCE_DIR}/tools/changelog.py ${PROJECT_SOURCE_DIR}/CHANGELOG.md
  VERBATIM
)
# Made by every build: the tests of the packages pack what lies there.
add_custom_target(package_texts ALL DEPENDS ${pages} ${package_files}/changelog.gz)
add_custom_target(packaged DEPENDS package_texts cairnd cairn cairn-verify cairn-agent)

# Of every package.
function(package_documents component)
  set(folder share/doc/cairn-${component})
  install(FILES ${packaging}/copyright ${package_files}/changelog.gz DESTINATION ${folder}
          COMPONENT ${component}
  )
  install(FILES ${PROJECT_SOURCE_DIR}/docs/INSTALL.md DESTINATION ${folder}
          COMPONENT ${component} RENAME guide.md
  )
  install(FILES ${ARGN} DESTINATION ${folder} COMPONENT ${component})
endfunction()

# cairn-broker
install(TARGETS cairnd RUNTIME DESTINATION bin COMPONENT broker)
# The timer is not enabled: there are no recipients before an administrator names them.
install(FILES ${PROJECT_SOURCE_DIR}/deploy/systemd/cairnd.service
              ${PROJECT_SOURCE_DIR}/deploy/systemd/cairn-backup.service
              ${PROJECT_SOURCE_DIR}/deploy/systemd/cairn-backup.timer
        DESTINATION /lib/systemd/system COMPONENT broker
)
install(FILES ${packaging}/broker/sysusers.conf DESTINATION lib/sysusers.d COMPONENT broker
        RENAME cairn-broker.conf
)
install(FILES ${PROJECT_SOURCE_DIR}/deploy/calendars/england.csv DESTINATION /etc/cairn
        COMPONENT broker RENAME calendar.csv
)
install(FILES ${PROJECT_SOURCE_DIR}/deploy/policy/template.textproto DESTINATION share/cairn
        COMPONENT broker
)
install(FILES ${package_files}/cairnd.8.gz DESTINATION share/man/man8 COMPONENT broker)
package_documents(
  broker ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/docs/ARCHITECTURE.md
  ${PROJECT_SOURCE_DIR}/docs/GLOSSARY.md ${PROJECT_SOURCE_DIR}/docs/THREAT_MODEL.md
  ${PROJECT_SOURCE_DIR}/docs/OPERATING.md ${PROJECT_SOURCE_DIR}/docs/RUNBOOK.md
)

# cairn-agent
install(TARGETS cairn-agent RUNTIME DESTINATION bin COMPONENT agent)
install(FILES ${PROJECT_SOURCE_DIR}/deploy/systemd/cairn-agent@.service
        DESTINATION /lib/systemd/system COMPONENT agent
)
install(FILES ${packaging}/agent/sysusers.conf DESTINATION lib/sysusers.d COMPONENT agent
        RENAME cairn-agent.conf
)
install(FILES ${packaging}/agent/tmpfiles.conf DESTINATION lib/tmpfiles.d COMPONENT agent
        RENAME cairn-agent.conf
)
install(FILES ${packaging}/agent/agent.toml DESTINATION share/doc/cairn-agent/examples
        COMPONENT agent
)
install(FILES ${package_files}/cairn-agent.8.gz DESTINATION share/man/man8 COMPONENT agent)
install(FILES ${packaging}/agent/lintian-overrides DESTINATION share/lintian/overrides
        COMPONENT agent RENAME cairn-agent
)
package_documents(agent ${PROJECT_SOURCE_DIR}/docs/AGENT.md ${PROJECT_SOURCE_DIR}/docs/PROFILES.md)
# What AGENT.md links to, at the places it names.
install(FILES ${PROJECT_SOURCE_DIR}/docs/agents/police.md
              ${PROJECT_SOURCE_DIR}/docs/agents/health.md
              ${PROJECT_SOURCE_DIR}/docs/agents/school.md
              ${PROJECT_SOURCE_DIR}/docs/agents/social_care.md
        DESTINATION share/doc/cairn-agent/agents COMPONENT agent
)
install(FILES ${PROJECT_SOURCE_DIR}/deploy/agents/police.toml
              ${PROJECT_SOURCE_DIR}/deploy/agents/health.toml
              ${PROJECT_SOURCE_DIR}/deploy/agents/school.toml
              ${PROJECT_SOURCE_DIR}/deploy/agents/social_care.toml
        DESTINATION share/doc/cairn-agent/examples COMPONENT agent
)

# cairn-tools
install(TARGETS cairn cairn-verify RUNTIME DESTINATION bin COMPONENT tools)
install(FILES ${package_files}/cairn.1.gz ${package_files}/cairn-verify.1.gz
        DESTINATION share/man/man1 COMPONENT tools
)
# Not enabled: it is for the machine that holds the authority.
install(FILES ${PROJECT_SOURCE_DIR}/deploy/systemd/cairn-renewals.service
              ${PROJECT_SOURCE_DIR}/deploy/systemd/cairn-renewals.timer
        DESTINATION /lib/systemd/system COMPONENT tools
)
install(FILES ${packaging}/tools/completion.bash DESTINATION share/bash-completion/completions
        COMPONENT tools RENAME cairn
)
install(FILES ${PROJECT_SOURCE_DIR}/deploy/example/concern.json
        DESTINATION share/doc/cairn-tools/examples COMPONENT tools
)
package_documents(
  tools ${PROJECT_SOURCE_DIR}/docs/EXIT_CODES.md ${PROJECT_SOURCE_DIR}/docs/ERRORS.md
  ${PROJECT_SOURCE_DIR}/docs/ENROLMENT.md
)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME cairn)
set(CPACK_PACKAGE_VENDOR Cairn)
set(CPACK_PACKAGE_CONTACT "The Cairn maintainers <maintainers@cairn.example>")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
# Each package says its own first line.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(CPACK_COMPONENTS_ALL broker agent tools)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE
)
# /etc and /lib are not below /usr.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_BROKER_PACKAGE_NAME cairn-broker)
set(CPACK_DEBIAN_AGENT_PACKAGE_NAME cairn-agent)
set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME cairn-tools)
set(CPACK_DEBIAN_BROKER_PACKAGE_SECTION net)
set(CPACK_DEBIAN_AGENT_PACKAGE_SECTION net)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION utils)
# The scripts make users and folders from sysusers.d and tmpfiles.d.
set(users "systemd | systemd-standalone-sysusers | systemd-sysusers")
set(folders "systemd | systemd-standalone-tmpfiles | systemd-tmpfiles")
set(CPACK_DEBIAN_BROKER_PACKAGE_DEPENDS "${users}")
set(CPACK_DEBIAN_BROKER_PACKAGE_RECOMMENDS cairn-tools)
set(CPACK_DEBIAN_AGENT_PACKAGE_DEPENDS "${users}, ${folders}")
set(CPACK_DEBIAN_TOOLS_PACKAGE_SUGGESTS "cairn-broker, cairn-agent, bash-completion")
set(CPACK_COMPONENT_BROKER_DESCRIPTION
    "broker of safeguarding concerns
With Cairn police, health, schools and children's social care share concerns
about children at risk. This is the broker: it gives each desk what the
partnership's policy lets it see, with the reason for every field shown or
hidden, and keeps a log that proves what was sent to whom."
)
set(CPACK_COMPONENT_AGENT_DESCRIPTION
    "process that connects an agency to a Cairn broker
With Cairn police, health, schools and children's social care share concerns
about children at risk. This is what runs inside an agency: it sends the
files that are dropped into a folder and writes each notice as a page to
read and as JSON."
)
set(CPACK_COMPONENT_TOOLS_DESCRIPTION
    "command line of Cairn and verifier of its receipts
With Cairn police, health, schools and children's social care share concerns
about children at risk. These are cairn, with which administrators, auditors
and scripts work, and cairn-verify, with which anybody checks receipts and
logs offline."
)
set(CPACK_DEBIAN_BROKER_PACKAGE_CONTROL_EXTRA
    ${packaging}/broker/conffiles ${packaging}/broker/postinst ${packaging}/broker/prerm
    ${packaging}/broker/postrm
)
set(CPACK_DEBIAN_AGENT_PACKAGE_CONTROL_EXTRA
    ${packaging}/agent/postinst ${packaging}/agent/prerm ${packaging}/agent/postrm
)
set(CPACK_DEBIAN_TOOLS_PACKAGE_CONTROL_EXTRA
    ${packaging}/tools/postinst ${packaging}/tools/prerm ${packaging}/tools/postrm
)
# Packaging packs what `packaged` built and builds nothing itself.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
set(CPACK_PROJECT_CONFIG_FILE ${package_files}/epoch.cmake)
file(WRITE ${package_files}/epoch.cmake
     "if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
  set(ENV{SOURCE_DATE_EPOCH} ${package_epoch})
endif()
"
)
include(CPack)
