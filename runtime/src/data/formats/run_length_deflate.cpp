// SPDX-License-Identifier: Apache-2.0
#include "data/formats/run_length_deflate.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <numeric>

#include <fcngraph/engine/error.h>

namespace fcngraph::data {
namespace {

constexpr std::size_t kSymbols = 286, kEndOfBlock = 256, kFirstLength = 257;
constexpr std::int64_t kShortest = 3, kLongest = 258;
constexpr int kMostBits = 15;

/// RFC 1951, 3.2.5: the shortest match of each length symbol, and how many bits more tell which.
constexpr std::array<int, 29> kLengthBase = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                             31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
constexpr std::array<int, 29> kLengthBits = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                             2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};

/// Calls f(byte, count) for the runs of the stream: the filter byte of a row may continue what the row before has ended with.
template <class F>
void for_each_run(Bytes rows, std::int64_t width, F&& f) {
  std::uint8_t value = 0;
  std::int64_t count = 0;
  const auto add = [&](std::uint8_t byte, std::int64_t more) {
    if (byte != value) {
      if (count > 0) f(value, count);
      value = byte;
      count = 0;
    }
    count += more;
  };
  const std::uint8_t* const end = rows.data() + rows.size();
  for (const std::uint8_t* row = rows.data(); row != end; row += width) {
    add(0, 1);
    for (const std::uint8_t *at = row, *stop = row + width; at != stop;) {
      const std::uint8_t* first = at;
      const std::uint64_t eight = 0x0101010101010101U * *first;
      for (std::uint64_t word = 0; stop - at >= 8; at += 8) {
        std::memcpy(&word, at, sizeof word);
        if (word != eight) break;
      }
      while (at != stop && *at == *first) ++at;
      add(*first, at - first);
    }
  }
  if (count > 0) f(value, count);
}

std::size_t length_symbol(std::int64_t length) {
  const auto above = std::upper_bound(kLengthBase.begin(), kLengthBase.end(), length);
  return static_cast<std::size_t>(above - kLengthBase.begin()) - 1;
}

/// A run as its first byte and repetitions of it: literal(byte) and match(length).
template <class Literal, class Match>
void spell(std::uint8_t value, std::int64_t count, Literal&& literal, Match&& match) {
  literal(value);
  for (--count; count >= kShortest; count -= std::min(count, kLongest)) match(std::min(count, kLongest));
  for (; count > 0; --count) literal(value);
}

/// Lengths of a code that is at most one bit longer than the entropy, and complete, as readers demand.
std::array<int, kSymbols> code_lengths(std::array<std::int64_t, kSymbols> counts) {
  // What is rarer than this is counted as if it were not, so that no code is longer than the format allows.
  const std::int64_t least = std::accumulate(counts.begin(), counts.end(), std::int64_t{0}) / 4096 + 1;
  for (auto& count : counts) count = count > 0 ? std::max(count, least) : 0;
  const std::int64_t total = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
  std::array<int, kSymbols> lengths{};
  std::int64_t left = 1 << kMostBits;
  for (std::size_t s = 0; s < kSymbols; ++s) {
    if (counts[s] == 0) continue;
    lengths[s] = std::max(1, static_cast<int>(std::bit_width(static_cast<std::uint64_t>((total - 1) / counts[s]))));
    left -= 1 << (kMostBits - lengths[s]);
  }
  FCNGRAPH_ASSERT(left >= 0, "a prefix code");
  std::array<std::size_t, kSymbols> order;
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return counts[a] > counts[b]; });
  for (const std::size_t s : order) {
    while (lengths[s] > 1 && left >= 1 << (kMostBits - lengths[s])) left -= 1 << (kMostBits - lengths[s]--);
  }
  FCNGRAPH_ASSERT(left == 0, "a complete code");
  return lengths;
}

std::uint32_t reversed(std::uint32_t code, int bits) {
  std::uint32_t out = 0;
  for (int i = 0; i < bits; ++i) out |= (code >> i & 1U) << (bits - 1 - i);
  return out;
}

/// RFC 1951, 3.2.2, each code with its first bit lowest, as the stream takes it.
std::array<std::uint32_t, kSymbols> codes_of(const std::array<int, kSymbols>& lengths) {
  std::array<std::uint32_t, kSymbols> codes{};
  std::uint32_t code = 0;
  for (int bits = 1; bits <= kMostBits; ++bits, code <<= 1) {
    for (std::size_t s = 0; s < kSymbols; ++s) {
      if (lengths[s] == bits) codes[s] = reversed(code++, bits);
    }
  }
  return codes;
}

class BitWriter {
 public:
  explicit BitWriter(std::vector<std::uint8_t>& out) : out_(out) {}
  void put(std::uint32_t value, int bits) {
    held_ |= static_cast<std::uint64_t>(value) << count_;
    for (count_ += bits; count_ >= 8; count_ -= 8, held_ >>= 8) out_.push_back(static_cast<std::uint8_t>(held_));
  }
  void finish() {
    if (count_ > 0) out_.push_back(static_cast<std::uint8_t>(held_));
  }

 private:
  std::vector<std::uint8_t>& out_;
  std::uint64_t held_ = 0;
  int count_ = 0;
};

/// RFC 1950, 9: of a run at once.
class Adler32 {
 public:
  void add(std::uint64_t value, std::uint64_t count) {
    const std::uint64_t triangle = (count % 2 == 0 ? count / 2 * (count + 1) : (count + 1) / 2 * count) % kPrime;
    high_ = (high_ + count % kPrime * low_ + value * triangle) % kPrime;
    low_ = (low_ + count % kPrime * value) % kPrime;
  }
  std::uint32_t value() const { return static_cast<std::uint32_t>(high_ << 16 | low_); }

 private:
  static constexpr std::uint64_t kPrime = 65521;
  std::uint64_t low_ = 1, high_ = 0;
};

/// RFC 1951, 3.2.7: lengths of codes are written as they are, four bits each; there is one distance.
void put_code(BitWriter& bits, const std::array<int, kSymbols>& lengths) {
  bits.put(kSymbols - kFirstLength, 5);
  bits.put(0, 5);
  bits.put(19 - 4, 4);
  for (int i = 0; i < 19; ++i) bits.put(i < 3 ? 0 : 4, 3);  // 16, 17 and 18, which repeat lengths, are not used
  for (const int length : lengths) bits.put(reversed(static_cast<std::uint32_t>(length), 4), 4);
  bits.put(reversed(1, 4), 4);
}

}  // namespace

std::vector<std::uint8_t> deflate_runs(Bytes rows, std::int64_t width) {
  FCNGRAPH_ASSERT(width > 0 && rows.size() % static_cast<std::size_t>(width) == 0, "whole rows");
  Adler32 sum;
  std::array<std::int64_t, kSymbols> counts{};
  counts[kEndOfBlock] = 1;
  for_each_run(rows, width, [&](std::uint8_t value, std::int64_t count) {
    sum.add(value, static_cast<std::uint64_t>(count));
    spell(
        value, count, [&](std::uint8_t byte) { ++counts[byte]; },
        [&](std::int64_t length) { ++counts[kFirstLength + length_symbol(length)]; });
  });
  counts[0] = std::max<std::int64_t>(counts[0], 1);  // a code has two symbols at least
  const auto lengths = code_lengths(counts);
  const auto codes = codes_of(lengths);

  std::vector<std::uint8_t> out = {0x78, 0x01};  // deflate, window of 32 KiB
  BitWriter bits(out);
  bits.put(1, 1);  // the last block
  bits.put(2, 2);  // with a code of its own
  put_code(bits, lengths);
  const auto put = [&](std::size_t symbol) { bits.put(codes[symbol], lengths[symbol]); };
  for_each_run(rows, width, [&](std::uint8_t value, std::int64_t count) {
    spell(value, count, put, [&](std::int64_t length) {
      const std::size_t symbol = length_symbol(length);
      put(kFirstLength + symbol);
      bits.put(static_cast<std::uint32_t>(length - kLengthBase[symbol]), kLengthBits[symbol]);
      bits.put(0, 1);  // one byte back
    });
  });
  put(kEndOfBlock);
  bits.finish();
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(sum.value() >> shift));
  return out;
}

}  // namespace fcngraph::data
