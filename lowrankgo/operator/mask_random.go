package operator

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// NewBernoulliMask observes each entry of a d1×d2 matrix with probability p,
// independently, as the theorems of completion assume. It draws d1·d2 numbers.
// An impossible p and a draw without any entry are errors.
func NewBernoulliMask(d1, d2 int, p float64, seed uint64) (*Mask, error) {
	if err := checkSizes(d1, d2, 1); err != nil {
		return nil, err
	}
	if err := checkMaskShape(d1, d2); err != nil {
		return nil, err
	}
	if !(p > 0 && p <= 1) {
		return nil, fmt.Errorf("operator: the probability is %v; 0 < p ≤ 1 is wanted: %w", p, lr.ErrValue)
	}
	if n := p * float64(d1) * float64(d2); n > maxEntries {
		return nil, fmt.Errorf("operator: %d×%d entries with probability %v are about %.2g; a mask has fewer than 2³¹−1: %w", d1, d2, p, n, lr.ErrValue)
	}
	rng := lr.Stream(seed, "mask")
	b := newMaskBuilder(d1, d2, 0)
	for i := range d1 {
		for j := range d2 {
			if rng.Float64() < p {
				b.add(i, j)
			}
		}
	}
	return b.checked()
}
