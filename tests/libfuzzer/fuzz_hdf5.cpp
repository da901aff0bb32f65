// Any bytes as an HDF5 file: refused in words, or an index of parts that lie
// within the bytes and are no larger than they, of which the numbers can be
// read.
#include "core/hdf5_file.h"
#include "core/hdf5_numbers.h"
#include "drawing.h"

using namespace drawing;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const elman::hdf5::File file(data, size);
    uint64_t numbers = 0, letters = 0;
    for (const elman::hdf5::Array& array : file.arrays) {
      uint64_t count = 1;
      for (uint64_t extent : array.shape) {
        hold(extent < uint64_t{1} << 31, "an extent is one of R's");
        count *= extent;
      }
      hold(count == array.count, "a shape has its numbers");
      hold(array.at <= size && count * array.type.size <= size - array.at,
           "numbers lie within the file");
      numbers += count * array.type.size;
      std::unique_ptr<double[]> to(new double[static_cast<size_t>(count)]);
      elman::hdf5::read_numbers(data + array.at, array.type, count, to.get());
    }
    for (const elman::hdf5::Text& text : file.texts) {
      for (const std::string& value : text.values) letters += value.size();
    }
    hold(numbers <= size && letters <= size, "nothing is larger than the file");
  } catch (const elman::hdf5::FileError&) {
  }
  return 0;
}
