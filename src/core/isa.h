// Which vector instructions the kernels use: the widest that the processor has,
// or a narrower set on request (for tests). Names, narrowest first: "sse2",
// "avx2" (with FMA), "avx512" on x86-64; "neon" on 64-bit ARM; else "generic".
#ifndef ELMAN_CORE_ISA_H_
#define ELMAN_CORE_ISA_H_

#include <string>
#include <vector>

namespace elman {

enum class Isa { kBaseline, kAvx2, kAvx512 };

// The set in use. Starts as ELMAN_ISA, if that names a supported one, or else
// as the widest.
Isa current_isa();

const char* isa_name();
std::vector<std::string> supported_isas();

// Throws std::invalid_argument if the processor lacks it.
void set_isa(const std::string& name);

}  // namespace elman

#endif  // ELMAN_CORE_ISA_H_
