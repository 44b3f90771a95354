# Script mode, called by preloop_embed: writes OUT.h and OUT.cc that hold FILES as byte arrays.
set(entries "")
set(arrays "")
set(index 0)
foreach(file IN LISTS FILES)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  get_filename_component(base ${file} NAME)
  string(APPEND arrays "constexpr unsigned char k_file_${index}[] = {${bytes}0};\n")
  string(APPEND entries
    "    {\"${base}\", {reinterpret_cast<const char*>(k_file_${index}), sizeof(k_file_${index}) - 1}},\n")
  math(EXPR index "${index} + 1")
endforeach()
file(WRITE ${OUT}.h "#pragma once
#include <span>

#include \"core/embedded_file.h\"

namespace preloop::${NAMESPACE} {
std::span<const core::EmbeddedFile> ${NAME}();
}
")
file(WRITE ${OUT}.cc "#include \"${NAMESPACE}/${NAME}.h\"

namespace preloop::${NAMESPACE} {
namespace {
${arrays}
const core::EmbeddedFile k_files[] = {
${entries}};
}  // namespace

std::span<const core::EmbeddedFile> ${NAME}() { return k_files; }
}  // namespace preloop::${NAMESPACE}
")
