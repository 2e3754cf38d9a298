package operator_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
)

func TestBadInput(t *testing.T) {
	gauss := func(d1, d2, m int) error { _, err := operator.NewGaussian(d1, d2, m, 1); return err }
	dense := func(d1, d2 int, a mat.Matrix) error { _, err := operator.NewDense(d1, d2, a); return err }
	mask := func(d1, d2 int, is, js []int) error { _, _, err := operator.NewMask(d1, d2, is, js); return err }
	random := func(d1, d2 int, p float64) error { _, err := operator.NewBernoulliMask(d1, d2, p, 1); return err }
	for _, c := range []struct {
		name string
		err  error
		kind error
		says []string
	}{
		{"no rows", gauss(0, 3, 1), lr.ErrShape, []string{"0×3", "at least 1"}},
		{"negative columns", gauss(2, -3, 1), lr.ErrShape, []string{"2×-3"}},
		{"no measurements", gauss(2, 3, 0), lr.ErrEmpty, []string{"m = 0", "at least 1"}},
		{"more than memory", gauss(1<<20, 1<<20, 1<<10), lr.ErrValue, []string{"1024 × 1048576×1048576", "accepted"}},
		{"an overflowing product", gauss(math.MaxInt, math.MaxInt, 2), lr.ErrValue, []string{"accepted"}},
		{"dense of nothing", dense(2, 3, nil), lr.ErrEmpty, []string{"nil"}},
		{"dense of 5 columns", dense(2, 3, mat.NewDense(4, 5, nil)), lr.ErrShape, []string{"5 columns", "2·3 = 6"}},
		{"dense of no rows", dense(2, 3, &mat.Dense{}), lr.ErrEmpty, []string{"m = 0"}},
		{"dense with NaN", dense(1, 2, mat.NewDense(2, 2, []float64{0, 0, 0, math.NaN()})), lr.ErrValue, []string{"(1, 1)", "NaN"}},
		{"mask of no rows", mask(0, 2, []int{0}, []int{0}), lr.ErrShape, []string{"0×2"}},
		{"mask too large", mask(1<<31, 2, []int{0}, []int{0}), lr.ErrValue, []string{"2147483648×2", "2³¹"}},
		{"empty mask", mask(2, 2, nil, nil), lr.ErrEmpty, []string{"empty"}},
		{"uneven indices", mask(2, 2, []int{0, 1}, []int{0}), lr.ErrShape, []string{"2 row", "1 column"}},
		{"row outside", mask(2, 2, []int{0, 2}, []int{0, 0}), lr.ErrShape, []string{"entry 1", "(2, 0)", "2×2", "count from 0"}},
		{"twice", mask(2, 2, []int{1, 0, 1}, []int{1, 0, 1}), lr.ErrValue, []string{"(1, 1)", "twice"}},
		{"probability 0", random(2, 2, 0), lr.ErrValue, []string{"is 0", "0 < p ≤ 1"}},
		{"probability above 1", random(2, 2, 1.01), lr.ErrValue, []string{"1.01"}},
		{"probability NaN", random(2, 2, math.NaN()), lr.ErrValue, []string{"NaN"}},
		{"nothing drawn", random(2, 2, 1e-300), lr.ErrEmpty, []string{"empty"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !errors.Is(c.err, c.kind) {
				t.Fatalf("the error is %v; want one that wraps %q", c.err, c.kind)
			}
			for _, s := range c.says {
				if !strings.Contains(c.err.Error(), s) {
					t.Errorf("%q does not say %q", c.err, s)
				}
			}
		})
	}
}

// A mask of few entries may be of any size.
func TestWideMask(t *testing.T) {
	const d = 3_000_000
	m, _, err := operator.NewMask(d, d, []int{d - 1}, []int{7})
	if err != nil {
		t.Fatal(err)
	}
	if i, j := m.Entry(0); i != d-1 || j != 7 {
		t.Errorf("the entry is (%d, %d)", i, j)
	}
}
