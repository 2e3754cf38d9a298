package operator

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// FixedCount observes Count entries of a d1×d2 matrix, uniformly at random among
// the sets of that size that have at least AtLeast entries in every row and in
// every column: what is left out could not be completed at that rank.
//
// Sets are drawn without replacement, and drawn again until one serves. That is
// hopeless where many rows or columns are short of entries on average: when it is
// 50 of them, one draw in e⁵⁰ serves. So New draws again only while it should find
// a set within 2²⁴ drawn entries in all. Elsewhere it makes a set that serves and
// takes 20·Count steps of a Markov chain whose stationary law is the same uniform
// one: an entry moves to another place, or two entries (i, j), (k, l) go to
// (i, l), (k, j), wherever the result still serves. How near the law is after
// these steps is not known for all sizes.
//
// Theorems are for [NewBernoulliMask]; a fixed count is what published tables of
// phase transitions use.
type FixedCount struct {
	D1, D2  int    // shape of the matrix
	Count   int    // entries observed
	AtLeast int    // entries in every row and column, such as the rank; default 0
	Seed    uint64 // of the stream "fixed count"
}

// New draws the mask; cost O(Count log Count) a draw, or
// about as much as 20·Count look-ups in a map. A count that leaves a row
// or column short whatever is drawn, Count < AtLeast·max(D1, D2), and one above
// D1·D2 are errors.
func (f FixedCount) New() (*Mask, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	rng := lr.Stream(f.Seed, "fixed count")
	for range f.draws() {
		if at := f.draw(rng); f.serves(at) {
			return f.mask(at), nil
		}
	}
	return f.mask(f.walk(rng, 20*f.Count)), nil
}

func (f FixedCount) check() error {
	if err := checkMaskShape(f.D1, f.D2); err != nil {
		return err
	}
	if f.AtLeast < 0 || f.AtLeast > min(f.D1, f.D2) {
		return fmt.Errorf("operator: FixedCount has AtLeast = %d; 0 ≤ AtLeast ≤ min(D1, D2) = %d is wanted: %w", f.AtLeast, min(f.D1, f.D2), lr.ErrValue)
	}
	most, least := float64(f.D1)*float64(f.D2), max(1, float64(f.AtLeast)*float64(max(f.D1, f.D2)))
	if n := float64(f.Count); n < least || n > min(most, maxEntries) {
		return fmt.Errorf("operator: FixedCount has Count = %d; a %d×%d matrix with at least %d entries in every row and column needs %.0f to %.0f: %w",
			f.Count, f.D1, f.D2, f.AtLeast, least, min(most, maxEntries), lr.ErrValue)
	}
	return nil
}

// draws is how often to draw before the chain is taken: never, when e^short
// draws, the number to expect, are too many entries; else 16 times that, after
// which one in e¹⁶ seeds has found nothing.
func (f FixedCount) draws() int {
	expected := math.Exp(f.short())
	if expected*float64(f.Count) > max(1<<24, 2*float64(f.Count)) {
		return 0
	}
	return int(16 * expected)
}

// short is about how many rows and columns of a draw have too few entries. Each
// entry is counted as if it were independent.
func (f FixedCount) short() float64 {
	p := float64(f.Count) / (float64(f.D1) * float64(f.D2))
	return float64(f.D1)*binomialBelow(f.AtLeast, f.D2, p) + float64(f.D2)*binomialBelow(f.AtLeast, f.D1, p)
}

// binomialBelow is the probability that fewer than r of n trials succeed.
func binomialBelow(r, n int, p float64) float64 {
	if p >= 1 {
		return 0
	}
	var sum float64
	all, _ := math.Lgamma(float64(n) + 1)
	for k := range min(r, n+1) {
		in, _ := math.Lgamma(float64(k) + 1)
		out, _ := math.Lgamma(float64(n-k) + 1)
		sum += math.Exp(all - in - out + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
	}
	return sum
}

// draw returns Count places i·D2 + j, ascending, uniformly among all sets of
// that size; of more than half of all places it draws those left out.
func (f FixedCount) draw(rng *rand.Rand) []uint64 {
	all := uint64(f.D1) * uint64(f.D2)
	if left := all - uint64(f.Count); left < all/2 {
		return without(all, drawSet(rng, all, int(left)))
	}
	return drawSet(rng, all, f.Count)
}

// drawSet draws numbers below all until n are different. It draws at once as
// many as are missing and never more.
func drawSet(rng *rand.Rand, all uint64, n int) []uint64 {
	set := make([]uint64, 0, n)
	for len(set) < n {
		for range n - len(set) {
			set = append(set, rng.Uint64N(all))
		}
		slices.Sort(set)
		set = slices.Compact(set)
	}
	return set
}

// without lists the numbers below all that are not in set.
func without(all uint64, set []uint64) []uint64 {
	rest := make([]uint64, 0, int(all)-len(set))
	for p := range all {
		if len(set) > 0 && set[0] == p {
			set = set[1:]
			continue
		}
		rest = append(rest, p)
	}
	return rest
}

// serves reports whether every row and column has enough entries.
func (f FixedCount) serves(at []uint64) bool {
	inRows, inCols := f.counts(at)
	return slices.Min(inRows) >= f.AtLeast && slices.Min(inCols) >= f.AtLeast
}

func (f FixedCount) counts(at []uint64) (inRows, inCols []int) {
	inRows, inCols = make([]int, f.D1), make([]int, f.D2)
	for _, p := range at {
		inRows[p/uint64(f.D2)]++
		inCols[p%uint64(f.D2)]++
	}
	return inRows, inCols
}

// mask is the mask of the places, which are distinct and ascending.
func (f FixedCount) mask(at []uint64) *Mask {
	b := newMaskBuilder(f.D1, f.D2, len(at))
	for _, p := range at {
		b.add(int(p/uint64(f.D2)), int(p%uint64(f.D2)))
	}
	return b.mask()
}
