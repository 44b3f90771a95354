# preloop_console(TARGET): builds console/ with npm's tools and compiles the result into TARGET.
# Runs when a file of the console changed (the bundler writes which it read), not when only C++ did.
# Needs the npm packages of console/ (scripts/deps run).
function(preloop_console target)
  set(root ${PROJECT_SOURCE_DIR}/console)
  set(out ${PROJECT_BINARY_DIR}/console)
  add_custom_command(
    OUTPUT ${out}/console_bundle.cc
    BYPRODUCTS ${out}/console_bundle.bin
    COMMAND ${CMAKE_COMMAND} -E env "PATH=${root}/node_modules/.bin:$ENV{PATH}"
            node --disable-warning=ExperimentalWarning ${root}/scripts/bundle.mjs ${out}
    DEPENDS ${root}/scripts/bundle.mjs ${root}/package-lock.json
    DEPFILE ${out}/console_bundle.d
    WORKING_DIRECTORY ${root}
    COMMENT "Building the console"
    VERBATIM)
  set_source_files_properties(${out}/console_bundle.cc PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  target_sources(${target} PRIVATE ${out}/console_bundle.cc)
endfunction()
