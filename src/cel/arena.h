#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace preloop::cel {

/// Bump memory for values that live until `reset` or destruction. The first bytes come from a
/// buffer inside the object, so a small evaluation on the stack takes no heap memory. Only
/// trivially destructible things may live in it. Not thread-safe; neither copied nor moved.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Never null, also for zero bytes; `align` is a power of two up to alignof(std::max_align_t).
  void* allocate(std::size_t bytes, std::size_t align) {
    const auto left = static_cast<std::size_t>(end_ - next_);
    const std::size_t padding = -reinterpret_cast<std::uintptr_t>(next_) & (align - 1);
    if (padding > left || bytes > left - padding) [[unlikely]] {
      return allocate_block(bytes);
    }
    std::byte* const at = next_ + padding;
    next_ = at + bytes;
    return at;
  }

  template <class T>
  T* allocate_array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    return static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
  }

  template <class T>
  T* create(const T& value) {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (allocate(sizeof(T), alignof(T))) T(value);
  }

  std::string_view copy(std::string_view text) {
    if (text.empty()) {
      return {};
    }
    auto* const to = allocate_array<char>(text.size());
    std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }

  template <class T>
  std::span<const T> copy(std::span<const T> items) {
    if (items.empty()) {
      return {};
    }
    auto* const to = allocate_array<T>(items.size());
    std::uninitialized_copy(items.begin(), items.end(), to);
    return {to, items.size()};
  }

  /// A point to go back to.
  struct Mark {
    std::byte* next;
    std::byte* end;
    std::size_t blocks;
  };
  Mark mark() const { return {next_, end_, blocks_.size()}; }
  /// What was handed out since `mark` becomes invalid. Marks are released in reverse order.
  void release(const Mark& mark) {
    if (blocks_.size() != mark.blocks) [[unlikely]] {
      blocks_.resize(mark.blocks);
    }
    next_ = mark.next;
    end_ = mark.end;
  }

  /// Everything handed out becomes invalid; heap blocks are freed.
  void reset() {
    blocks_.clear();
    next_ = inline_;
    end_ = inline_ + sizeof(inline_);
  }

 private:
  void* allocate_block(std::size_t bytes);

  alignas(std::max_align_t) std::byte inline_[1024];
  std::byte* next_ = inline_;
  std::byte* end_ = inline_ + sizeof(inline_);
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
};

}  // namespace preloop::cel
