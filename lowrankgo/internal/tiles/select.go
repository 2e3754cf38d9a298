package tiles

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
)

const (
	sign   = uint64(1) << 63
	most   = sign - 1            // at least any magnitude
	infBit = uint64(0x7ff) << 52 // the bits of +Inf; those of a NaN's magnitude are larger

	few      = 24 // so many numbers are sorted
	sample   = 64 // most numbers that a bracket is guessed from
	patience = 6  // brackets that may keep more than half
)

// magnitude is |v| as an integer: the bits of numbers ≥ 0 are in the order of
// the numbers, and integers below 2⁶³ are compared without a branch.
func magnitude(v float64) uint64 { return math.Float64bits(v) &^ sign }

// Observed copies the magnitudes of the entries of x that are not NaN to the
// front of dst and returns how many there are. dst is as long as x and may be
// x.
func Observed(dst, x []float64) int {
	n := 0
	dst = dst[:len(x)]
	for _, v := range x {
		b := magnitude(v)
		dst[n] = math.Float64frombits(b)
		if b <= infBit {
			n++
		}
	}
	return n
}

// Largest returns the k-th largest magnitude of x, k from 1 to len(x), and
// permutes x: see [Cut].
func Largest(x []float64, k int) float64 {
	threshold, _ := Cut(x, k)
	return threshold
}

// Cut returns the k-th largest magnitude t of x, k from 1 to len(x), and how
// many of the entries of magnitude t belong to the k largest, at least 1: all
// that are above t do. So the k largest are kept, exactly k of them, by keeping
// what is above t and the first ties of what is equal.
//
// It permutes x. A NaN counts as larger than Inf; callers leave missing entries
// out by [Observed].
//
// A sample of x brackets t; one pass brings what is in the bracket to the front,
// mostly a fifth, and counts what is above; and so on. It takes about two reads
// of x, without branches that depend on the numbers. Where a bracket keeps more
// than half, as it does of constant numbers, the next one is a single number;
// where that happens six times, as an adversary could have it, Cut goes by the
// bits of the numbers from the highest, at most 8 more times over x. No
// randomness, no allocation. It panics when k is out of range.
func Cut(x []float64, k int) (threshold float64, ties int) {
	if k < 1 || k > len(x) {
		panic(fmt.Sprintf("tiles: the %d-th largest of %d numbers was asked for", k, len(x)))
	}
	for misled := 0; len(x) > few; {
		if misled == patience {
			return cutByBits(x, k)
		}
		n := len(x)
		lo, hi := bracket(x, k)
		if misled%2 == 1 {
			hi = lo // which splits off what is equal to it
		}
		inside, above := toFront(x, lo, hi)
		switch {
		case k <= above:
			x = x[inside:]
			inside, _ = toFront(x, hi+1, most)
		case k > above+inside:
			x, k = x[inside:], k-above-inside
			inside, _ = toFront(x, 0, lo-1)
		case lo == hi:
			return math.Float64frombits(lo), k - above
		default:
			k -= above
		}
		x = x[:inside]
		if inside > n/2 {
			misled++
		}
	}
	return cutFew(x, k)
}

// cutFew is Cut of a few numbers: it sorts them, largest first.
func cutFew(x []float64, k int) (threshold float64, ties int) {
	for i, v := range x {
		size := magnitude(v)
		for ; i > 0 && magnitude(x[i-1]) < size; i-- {
			x[i] = x[i-1]
		}
		x[i] = v
	}
	bar := magnitude(x[k-1])
	for ties < k && magnitude(x[k-1-ties]) == bar {
		ties++
	}
	return math.Float64frombits(bar), ties
}

// bracket returns magnitudes lo ≤ hi between which the k-th largest of x
// probably is: ranks of a sample, 1.5 standard deviations around the one that
// k has in x. A rank outside the sample is 0 or the largest number there is.
func bracket(x []float64, k int) (lo, hi uint64) {
	var buf [sample]uint64
	n := len(x)
	s := buf[:min(sample, int(math.Sqrt(float64(n))))]
	state := uint64(n)
	for i := range s {
		state = state*6364136223846793005 + 1442695040888963407
		at, _ := bits.Mul64(state, uint64(n))
		s[i] = magnitude(x[at])
	}
	slices.Sort(s)
	share := float64(k) / float64(n)
	rank := share * float64(len(s))
	margin := 1.5*math.Sqrt(rank*(1-share)) + 0.5
	lo, hi = 0, most
	if at := len(s) - 1 - int(rank+margin); at >= 0 {
		lo = s[at]
	}
	if at := len(s) - 1 - int(math.Floor(rank-margin)); at < len(s) {
		hi = s[at]
	}
	return lo, hi
}

// toFront brings the numbers of x whose magnitude is lo … hi to its front, and
// returns how many they are and how many are above hi.
func toFront(x []float64, lo, hi uint64) (inside, above int) {
	for i, v := range x {
		b := magnitude(v)
		x[i] = x[inside]
		x[inside] = v
		over, under := (hi-b)>>63, (b-lo)>>63 // a difference below 0 has the highest bit
		above += int(over)
		inside += int((over | under) ^ 1)
	}
	return inside, above
}

// cutByBits is Cut by 8 bits at a time: it counts how many numbers have each
// of the 256 values, finds the value of the k-th largest and keeps the numbers
// that have it.
func cutByBits(x []float64, k int) (threshold float64, ties int) {
	for shift := 56; shift >= 0; shift -= 8 {
		var counts [256]int
		for _, v := range x {
			counts[uint8(magnitude(v)>>shift)]++
		}
		digit := 255
		for ; counts[digit] < k; digit-- {
			k -= counts[digit]
		}
		n := 0
		for i, v := range x {
			x[i], x[n] = x[n], v
			if int(uint8(magnitude(v)>>shift)) == digit {
				n++
			}
		}
		x = x[:n]
	}
	return math.Float64frombits(magnitude(x[0])), k
}
