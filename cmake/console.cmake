# preloop_console(TARGET): builds console/ with npm's tools and compiles the result into TARGET.
# Runs when a file of the console or the contract changed, not when only C++ did. Needs the npm
# packages of console/ (scripts/deps run).
function(preloop_console target)
  set(root ${PROJECT_SOURCE_DIR}/console)
  set(out ${PROJECT_BINARY_DIR}/console)
  file(GLOB_RECURSE inputs CONFIGURE_DEPENDS ${root}/src/* ${root}/public/*)
  list(FILTER inputs EXCLUDE REGEX "\\.test\\.ts$")
  list(APPEND inputs ${root}/index.html ${root}/package.json ${root}/package-lock.json
       ${root}/vite.config.ts ${root}/tsconfig.json ${root}/scripts/bundle.mjs)
  add_custom_command(
    OUTPUT ${out}/console_bundle.cc ${out}/console_bundle.bin
    COMMAND ${CMAKE_COMMAND} -E env "PATH=${root}/node_modules/.bin:$ENV{PATH}"
            node --disable-warning=ExperimentalWarning ${root}/scripts/bundle.mjs ${out}
    DEPENDS ${inputs}
    WORKING_DIRECTORY ${root}
    COMMENT "Building the console"
    VERBATIM)
  set_source_files_properties(${out}/console_bundle.cc PROPERTIES
    OBJECT_DEPENDS ${out}/console_bundle.bin SKIP_PRECOMPILE_HEADERS ON)
  target_sources(${target} PRIVATE ${out}/console_bundle.cc)
endfunction()
