// A small test harness: TEST("claim") { CHECK(...); } in any test_*.cpp. A
// claim fails with its first failed check, or when it throws.
#ifndef ELMAN_TESTS_CPP_CHECK_H_
#define ELMAN_TESTS_CPP_CHECK_H_

#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

namespace check {

struct Claim {
  const char* text;
  void (*body)();
};

inline std::vector<Claim>& claims() {
  static std::vector<Claim> all;
  return all;
}

struct Register {
  Register(const char* text, void (*body)()) {
    claims().push_back({text, body});
  }
};

inline void fail(const char* file, int line, const std::string& what) {
  throw std::runtime_error(std::string(file) + ":" + std::to_string(line) +
                           ": " + what);
}

}  // namespace check

#define CHECK_JOIN2(a, b) a##b
#define CHECK_JOIN(a, b) CHECK_JOIN2(a, b)
#define TEST(text)                                                 \
  static void CHECK_JOIN(claim_, __LINE__)();                      \
  static const check::Register CHECK_JOIN(register_, __LINE__)(    \
      text, CHECK_JOIN(claim_, __LINE__));                         \
  static void CHECK_JOIN(claim_, __LINE__)()
#define CHECK(condition) \
  if (!(condition)) check::fail(__FILE__, __LINE__, #condition)
#define CHECK_MESSAGE(condition, message) \
  if (!(condition)) check::fail(__FILE__, __LINE__, message)
#define CHECK_THROWS(expression, type)                              \
  do {                                                              \
    bool thrown = false;                                            \
    try {                                                           \
      expression;                                                   \
    } catch (const type&) {                                         \
      thrown = true;                                                \
    }                                                               \
    if (!thrown) check::fail(__FILE__, __LINE__, "no " #type);      \
  } while (false)

#endif  // ELMAN_TESTS_CPP_CHECK_H_
