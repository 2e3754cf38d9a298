package tune

import (
	"context"
	"math"
	"math/rand/v2"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

const (
	exact  = 1e-7 // residuals below this share of a typical entry are rounding errors
	growth = 25   // most sweeps of each loss while the rank grows
	crowd  = 0.4  // a fit that leaves out a larger share of the entries is none
)

// stage is what a fit of one rank says.
type stage struct {
	sigma []float64 // of the fit, as many as its rank
	s     float64   // standard deviation of what it leaves, robustly
	rest  rest
	u     *mat.Dense
	vt    []float64
}

// gap is the ratio of the fit's smallest singular value to the largest of what
// it leaves.
func (s stage) gap() float64 {
	if len(s.sigma) == 0 {
		return 0
	}
	return s.sigma[len(s.sigma)-1] / s.rest.top
}

// grow fits rank 0, 1, 2, … until what is left is noise, or nothing, which found
// says, or until the rank is most or a fit leaves out a crowd.
func grow(ctx context.Context, v *view, most int, seed uint64) (stages []stage, found bool, err error) {
	f := newFit(v)
	floor := exact * v.typical
	rng := lr.Stream(seed, "tune: rank")
	for {
		st, err := f.stage(ctx, floor, rng)
		if err != nil {
			return nil, false, err
		}
		if f.k > 1 && f.outside() > crowd {
			return stages, false, nil
		}
		stages = append(stages, st)
		if !(f.s > floor) || st.rest.white(f.d1, f.d2) {
			return stages, true, nil
		}
		if f.k == most || math.IsNaN(st.rest.top) {
			return stages, false, nil
		}
		f.start(wider(f.u, f.d1, f.k), append(append([]float64(nil), f.vt...), st.rest.v...), f.k+1)
	}
}

// stage settles the fit at its rank.
func (f *fit) stage(ctx context.Context, floor float64, rng *rand.Rand) (stage, error) {
	var st stage
	if f.k > 0 {
		if err := f.settle(ctx, growth); err != nil {
			return st, err
		}
	}
	st.sigma, st.s = f.balance(), f.s
	if f.k > 0 {
		st.u, st.vt = mat.DenseCopyOf(f.u), append([]float64(nil), f.vt...)
	}
	if !(f.s > floor) {
		return st, nil
	}
	var err error
	st.rest, err = f.rest(ctx, rng)
	return st, err
}

// wider returns u with a column of zeros more; u is nil when k = 0.
func wider(u *mat.Dense, d1, k int) *mat.Dense {
	w := mat.NewDense(d1, k+1, nil)
	for i := range d1 {
		if k > 0 {
			copy(w.RawRowView(i), u.RawRowView(i))
		}
	}
	return w
}
