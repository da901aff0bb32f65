// The settings of a kernel call, found by name.
#include <string>

#include "check.h"
#include "core/attributes.h"

using elman::Attributes;

namespace {

// What the error says, empty where there is none.
template <class F>
std::string message_of(F act) {
  try {
    act();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST("an attribute is found by its whole name and no other") {
  Attributes attributes;
  attributes.set("beta_1", 0.5);
  attributes.set("beta_2", 0.25);
  attributes.set("beta", 2.0);
  CHECK(attributes.number("beta_1") == 0.5);
  CHECK(attributes.number("beta_2") == 0.25);
  CHECK(attributes.number(std::string("beta_2")) == 0.25);
  CHECK(attributes.number("beta") == 2);
  CHECK(attributes.has("beta") && !attributes.has("bet"));
  CHECK(!attributes.has("beta_3") && !attributes.has(""));
  attributes.change("beta_2", {4});
  attributes.change("beta_3", {5});
  CHECK(attributes.integer("beta_2") == 4);
  CHECK(attributes.number("beta_1") == 0.5);
}

TEST("what is absent has the value it is asked for with, or is named") {
  Attributes attributes;
  attributes.set("axis", 1.5);
  attributes.set("pair", std::vector<double>{1, 2});
  attributes.set("name", "a name too long for a string without memory");
  CHECK(attributes.number("rate", 3) == 3);
  CHECK(attributes.integer("size", 4) == 4);
  CHECK(attributes.flag("flag", true) && !attributes.flag("flag", false));
  CHECK(attributes.text("kind", "usual") == "usual");
  CHECK(attributes.text("name", "usual") == attributes.text("name"));
  CHECK(message_of([&] { attributes.number("rate"); }) ==
        "the kernel needs attribute \"rate\"");
  CHECK(message_of([&] { attributes.integer("axis", 1); }) ==
        "attribute \"axis\" must be whole");
  CHECK(message_of([&] { attributes.number("pair"); }) ==
        "attribute \"pair\" must be one number");
}
