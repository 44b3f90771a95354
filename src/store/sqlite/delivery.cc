#include "store/sqlite/delivery.h"

#include <cstddef>
#include <utility>

namespace preloop::store::sqlite {
namespace {

/// Resumes its waiters one after the other; one that throws does not cost the others theirs.
class Resume {
 public:
  Resume(core::Loop* loop, std::vector<Delivery> items) : loop_(loop), items_(std::move(items)) {}
  void operator()() {
    while (at_ < items_.size()) {
      Delivery item = std::move(items_[at_++]);
      try {
        item.waiter.resume(std::move(item.outcome));
      } catch (...) {
        if (at_ < items_.size()) {
          loop_->post(std::move(*this));
        }
        throw;
      }
    }
  }

 private:
  core::Loop* loop_;
  std::vector<Delivery> items_;
  std::size_t at_ = 0;
};

}  // namespace

void deliver(std::vector<Delivery> deliveries) {
  while (!deliveries.empty()) {
    core::Loop* const loop = deliveries.front().waiter.loop;
    std::vector<Delivery> here;
    std::vector<Delivery> elsewhere;
    for (Delivery& delivery : deliveries) {
      (delivery.waiter.loop == loop ? here : elsewhere).push_back(std::move(delivery));
    }
    if (loop != nullptr) {
      loop->post(Resume(loop, std::move(here)));
    } else {
      for (Delivery& delivery : here) {
        delivery.waiter.resume(std::move(delivery.outcome));
      }
    }
    deliveries = std::move(elsewhere);
  }
}

}  // namespace preloop::store::sqlite
