#include "cel/select.h"
#include "cel/steps.h"

namespace preloop::cel {
namespace {

const Binding* find_binding(const Frame& frame, std::string_view name) {
  for (const Binding& binding : frame.activation().bindings) {
    if (binding.name == name) {
      return &binding;
    }
  }
  return nullptr;
}

}  // namespace

Value eval_constant(Frame&, const Step& step) {
  return static_cast<const ConstantStep&>(step).value;
}

Value eval_local(Frame& frame, const Step& step) {
  return frame.local(static_cast<const LocalStep&>(step).slot);
}

Value eval_variable(Frame& frame, const Step& step) {
  const auto& variable = static_cast<const VariableStep&>(step);
  const auto bindings = frame.activation().bindings;
  if (variable.hint < bindings.size() && bindings[variable.hint].name == step.site.name) {
    return bindings[variable.hint].value;
  }
  const Binding* const found = find_binding(frame, step.site.name);
  return found != nullptr ? found->value : Value::of_error(ErrorCode::unknown_variable, &step.site);
}

Value eval_name(Frame& frame, const Step& step) {
  for (const NameReading& reading : static_cast<const NameStep&>(step).readings) {
    const Binding* const found = find_binding(frame, reading.name);
    if (found == nullptr && reading.type == nullptr) {
      continue;
    }
    Value out = found != nullptr ? found->value : *reading.type;
    for (const std::string_view field : reading.fields) {
      out = select_field(frame, out, field, step.site);
    }
    return out;
  }
  return Value::of_error(ErrorCode::unknown_variable, &step.site);
}

}  // namespace preloop::cel
