#include "store/postgres/codec.h"

#include "core/text.h"

#include <libpq-fe.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace preloop::store::postgres {
namespace {

// src/include/catalog/pg_type.dat
enum Type : Oid {
  k_bool = 16,
  k_bytea = 17,
  k_name = 19,
  k_int8 = 20,
  k_int2 = 21,
  k_int4 = 23,
  k_text = 25,
  k_oid = 26,
  k_bpchar = 1042,
  k_varchar = 1043,
  k_uuid = 2950,
};

constexpr int k_text_format = 0;
constexpr int k_binary_format = 1;

/// Width of the types that hold a number here, 0 for others.
std::size_t integer_width(Oid type) {
  switch (type) {
    case k_bool:
      return 1;
    case k_int2:
      return 2;
    case k_int4:
    case k_oid:
      return 4;
    case k_int8:
      return 8;
    default:
      return 0;
  }
}

bool is_text(Oid type) {
  return type == k_text || type == k_varchar || type == k_name || type == k_bpchar;
}

bool fits(std::int64_t number, Oid type) {
  switch (type) {
    case k_bool:
      return number == 0 || number == 1;
    case k_int2:
      return number >= INT16_MIN && number <= INT16_MAX;
    case k_int4:
      return number >= INT32_MIN && number <= INT32_MAX;
    case k_oid:
      return number >= 0 && number <= UINT32_MAX;
    default:
      return true;
  }
}

template <class Bytes>
void write_big_endian(std::int64_t number, std::size_t width, Bytes& out) {
  auto rest = static_cast<std::uint64_t>(number);
  for (std::size_t i = width; i-- > 0; rest >>= 8) {
    out[i] = static_cast<char>(rest & 0xff);
  }
}

std::int64_t from_big_endian(std::string_view bytes, Oid type) {
  std::uint64_t number = 0;
  for (const char byte : bytes) {
    number = number << 8 | static_cast<unsigned char>(byte);
  }
  switch (type) {
    case k_int2:
      return static_cast<std::int16_t>(number);
    case k_int4:
      return static_cast<std::int32_t>(number);
    default:
      return static_cast<std::int64_t>(number);
  }
}

core::Result<Value> integer_from_text(std::string_view text, Oid type) {
  if (type == k_bool) {
    return Value(static_cast<std::int64_t>(text == "t"));
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return core::fail(core::Code::data_loss, "PostgreSQL sent a number that is none");
  }
  return Value(number);
}

core::Result<Value> cell_from_text(std::string_view text, Oid type) {
  if (integer_width(type) != 0) {
    return integer_from_text(text, type);
  }
  if (type == k_bytea && text.starts_with("\\x")) {
    if (auto bytes = core::from_hex(text.substr(2))) {
      return Value(Blob{std::move(*bytes)});
    }
  } else if (type == k_uuid) {
    if (const auto uuid = core::Uuid::parse(text)) {
      return Value(Blob{std::string(uuid->as_bytes())});
    }
  } else if (type != k_bytea) {
    return Value(std::string(text));
  }
  return core::fail(core::Code::data_loss, "PostgreSQL sent bytes in an unknown form");
}

core::Result<Value> cell_from_binary(std::string_view bytes, Oid type) {
  if (const std::size_t width = integer_width(type); width != 0) {
    if (bytes.size() != width) {
      return core::fail(core::Code::data_loss, "PostgreSQL sent a number of the wrong width");
    }
    return Value(from_big_endian(bytes, type));
  }
  return is_text(type) ? Value(std::string(bytes)) : Value(Blob{std::string(bytes)});
}

std::unexpected<core::Error> misfit(std::size_t index, std::string_view why) {
  return core::fail(core::Code::invalid_argument,
                    "parameter $" + std::to_string(index + 1) + ": " + std::string(why));
}

}  // namespace

void EncodedParameters::add(const char* data, std::size_t length, int format) {
  data_.push_back(data);
  lengths_.push_back(static_cast<int>(length));
  formats_.push_back(format);
}

core::Result<EncodedParameters> EncodedParameters::encode(std::span<const Value> values,
                                                          std::span<const Oid> types) {
  if (values.size() != types.size()) {
    return core::fail(core::Code::internal,
                      "a statement has " + std::to_string(types.size()) + " placeholders and " +
                          std::to_string(values.size()) + " parameters");
  }
  EncodedParameters out;
  out.kept_.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Oid type = types[i];
    if (const auto* number = std::get_if<std::int64_t>(&values[i])) {
      if (const std::size_t width = integer_width(type); width != 0) {
        if (!fits(*number, type)) {
          return misfit(i, "the number does not fit the column");
        }
        Number& kept = out.kept_.emplace_back();
        write_big_endian(*number, width, kept);
        out.add(kept.data(), width, k_binary_format);
      } else if (type == k_bytea || type == k_uuid) {
        return misfit(i, "a number where bytes are wanted");
      } else {
        Number& kept = out.kept_.emplace_back();
        const auto end = std::to_chars(kept.data(), kept.data() + kept.size() - 1, *number).ptr;
        *end = '\0';
        out.add(kept.data(), static_cast<std::size_t>(end - kept.data()), k_text_format);
      }
    } else if (const auto* text = std::get_if<std::string>(&values[i])) {
      // libpq reads the text format up to the first NUL: what does not go in binary must have none.
      if (text->size() > std::numeric_limits<int>::max() || text->contains('\0')) {
        return misfit(i, "PostgreSQL keeps no NUL character in a text");
      }
      if (type == k_bytea) {
        return misfit(i, "a text where bytes are wanted");
      }
      out.add(text->c_str(), text->size(), is_text(type) ? k_binary_format : k_text_format);
    } else if (const auto* blob = std::get_if<Blob>(&values[i])) {
      if (type != k_bytea && type != k_uuid) {
        return misfit(i, "bytes where another type is wanted");
      }
      if (type == k_uuid && blob->bytes.size() != 16) {
        return misfit(i, "an id has 16 bytes");
      }
      if (blob->bytes.size() > std::numeric_limits<int>::max()) {
        return misfit(i, "too many bytes");
      }
      out.add(blob->bytes.data(), blob->bytes.size(), k_binary_format);
    } else if (const auto* id = std::get_if<core::Uuid>(&values[i])) {
      if (type != k_bytea && type != k_uuid) {
        return misfit(i, "an id where another type is wanted");
      }
      out.add(id->as_bytes().data(), id->as_bytes().size(), k_binary_format);
    } else {
      out.add(nullptr, 0, k_text_format);
    }
  }
  return out;
}

int result_format(std::span<const Oid> columns) {
  const bool all_known = std::ranges::all_of(columns, [](Oid type) {
    return integer_width(type) != 0 || is_text(type) || type == k_bytea || type == k_uuid;
  });
  return all_known ? k_binary_format : k_text_format;
}

core::Result<Rows> decode(const pg_result* result) {
  const int columns = PQnfields(result);
  Rows rows(static_cast<std::size_t>(PQntuples(result)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const int line = static_cast<int>(i);
    rows[i].reserve(static_cast<std::size_t>(columns));
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(result, line, column) != 0) {
        rows[i].emplace_back();
        continue;
      }
      const std::string_view cell(PQgetvalue(result, line, column),
                                  static_cast<std::size_t>(PQgetlength(result, line, column)));
      const Oid type = PQftype(result, column);
      PRELOOP_TRY(Value decoded,
                  PQfformat(result, column) == k_binary_format ? cell_from_binary(cell, type)
                                                               : cell_from_text(cell, type));
      rows[i].push_back(std::move(decoded));
    }
  }
  return rows;
}

}  // namespace preloop::store::postgres
