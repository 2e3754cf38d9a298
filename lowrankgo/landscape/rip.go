package landscape

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
)

// RIPOptions are the options of [RIPLowerBound]. Nil or zero fields mean their
// defaults.
type RIPOptions struct {
	Starts int     // random starts for each of the two extremes; default 20
	Sweeps int     // most alternations from each; default 200
	Tol    float64 // relative gain of a sweep below which a start has ended; default 10⁻¹⁰
	Seed   uint64  // of the starts
	// Scale is the c in c‖𝒜(M)‖²; default 1/m, as in Def 3. Of a form, which has
	// its scale, the default is 1.
	Scale float64
	// Symmetric looks at symmetric matrices only, as symmetric problems see an
	// operator; the shape must be square.
	Symmetric bool
}

// RIPBound is what a search for the restricted isometry constant δ found. All
// of it is about the matrices found: δ is at least Delta, and may be above.
type RIPBound struct {
	Rank      int  // of the matrices, at most
	Symmetric bool // among symmetric matrices only

	Low, High     float64     // the least and the largest M:H:M/‖M‖² found
	LowAt, HighAt *lr.Factors // where, ‖M‖ = 1; UVᵀ also when symmetric

	Delta float64 // max(1 − Low, High − 1): δ is at least this
	// Rescaled is (High − Low)/(High + Low): δ is at least this for H times any
	// positive number. It is NaN when High is not positive.
	Rescaled float64
	Scale    float64 // c, which is in Low and High
	Starts   int     // for each extreme
}

// RIPLowerBound returns a lower bound of the restricted isometry constant of 𝒜,
// [G] Def 3 (arXiv:1704.00708): the least δ with
//
//	(1−δ)‖M‖² ≤ (1/m)‖𝒜(M)‖² ≤ (1+δ)‖M‖²  for all M of rank ≤ r.
//
// To certify that δ is small is NP-hard; what a search finds is a matrix that
// shows that δ is not smaller. Both extremes of the quotient are looked for by
// alternating maximisation from many starts: for M = XYᵀ with X held, the best Y
// is an eigenvector, which some steps of Lanczos come near, and then Y is held.
// The quotient never gets worse. For RIP (2r, δ) of a rank-r problem give 2r. At
// r = min(d1, d2) there is no restriction, and the bound converges to δ.
//
// Same seed, same bits; starts run in parallel. Where d1·d2 ≤ 1024 the form is
// first tabulated, d1·d2 applications and 8(d1·d2)² bytes, and a step of Lanczos
// costs (d1·d2)² flops; beyond, one application of 𝒜 and of its adjoint. The
// default is at most 2·20 starts of 200 sweeps of two times 30 steps, and commonly
// a tenth of it.
//
// Errors: no operator ([lowrankgo.ErrEmpty]), a rank outside 1 … min(d1, d2)
// ([lowrankgo.ErrRank]), options out of range and products that are not finite
// ([lowrankgo.ErrValue]), Symmetric with another shape than a square
// ([lowrankgo.ErrShape]), ctx's error when it ends.
func RIPLowerBound(ctx context.Context, op lr.Operator, r int, o *RIPOptions) (*RIPBound, error) {
	if err := lr.CheckOperator(op); err != nil {
		return nil, fmt.Errorf("landscape: RIPLowerBound: %w", err)
	}
	options := o.filled()
	if options.Scale == 0 {
		_, _, m := op.Dims()
		options.Scale = 1 / float64(m)
	}
	return ripBound(ctx, operatorForm{op}, r, options)
}

// FormRIPLowerBound is [RIPLowerBound] of a quadratic form, M:H:M in the place of
// (1/m)‖𝒜(M)‖², as of operator.Perturbed. The form need not be positive.
func FormRIPLowerBound(ctx context.Context, h lr.Form, r int, o *RIPOptions) (*RIPBound, error) {
	if err := lr.CheckForm(h); err != nil {
		return nil, fmt.Errorf("landscape: FormRIPLowerBound: %w", err)
	}
	options := o.filled()
	if options.Scale == 0 {
		options.Scale = 1
	}
	return ripBound(ctx, h, r, options)
}

func (o *RIPOptions) filled() RIPOptions {
	var out RIPOptions
	if o != nil {
		out = *o
	}
	if out.Starts == 0 {
		out.Starts = 20
	}
	if out.Sweeps == 0 {
		out.Sweeps = 200
	}
	if out.Tol == 0 {
		out.Tol = 1e-10
	}
	return out
}

func (o RIPOptions) check(d1, d2, r int) error {
	switch {
	case r < 1 || r > min(d1, d2):
		return fmt.Errorf("landscape: the restricted isometry constant of rank %d on %d×%d matrices; 1 ≤ rank ≤ min(%d, %d) is wanted: %w", r, d1, d2, d1, d2, lr.ErrRank)
	case o.Starts < 1 || o.Sweeps < 1:
		return fmt.Errorf("landscape: RIPOptions has Starts = %d, Sweeps = %d; both must be at least 1, or 0 for the default: %w", o.Starts, o.Sweeps, lr.ErrValue)
	case !(o.Tol > 0) || math.IsInf(o.Tol, 0):
		return fmt.Errorf("landscape: RIPOptions has Tol = %v; a positive number is wanted, or 0 for the default: %w", o.Tol, lr.ErrValue)
	case !(o.Scale > 0) || math.IsInf(o.Scale, 0):
		return fmt.Errorf("landscape: RIPOptions has Scale = %v; a positive number is wanted, or 0 for the default: %w", o.Scale, lr.ErrValue)
	case o.Symmetric && d1 != d2:
		return fmt.Errorf("landscape: RIPOptions is Symmetric and the matrices are %d×%d; square ones are wanted: %w", d1, d2, lr.ErrShape)
	}
	return nil
}

// ripBound runs the starts of both extremes; the scale is put in at the end.
func ripBound(ctx context.Context, h lr.Form, r int, o RIPOptions) (*RIPBound, error) {
	d1, d2 := h.Dims()
	if err := o.check(d1, d2, r); err != nil {
		return nil, err
	}
	h, err := tabulated(ctx, h)
	if err != nil {
		return nil, err
	}
	found, errs := make([]extreme, 2*o.Starts), make([]error, 2*o.Starts)
	par.New(func(b int) {
		s := &ripSearch{form: h.NewEval(), d1: d1, d2: d2, r: r, o: o, sign: 1 - 2*float64(b%2)}
		rng := lr.Stream(o.Seed, "isometry starts", uint64(b/2))
		if o.Symmetric {
			found[b], errs[b] = s.symmetric(ctx, rng)
		} else {
			found[b], errs[b] = s.alternate(ctx, rng)
		}
	}).Run(len(found))
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return gatherBound(h, found, r, o), nil
}

// extreme is a matrix and its quotient.
type extreme struct {
	value float64
	at    *lr.Factors
}

// gatherBound takes the best of the starts, the first of equal ones, and
// evaluates the quotient anew where it is.
func gatherBound(h lr.Form, found []extreme, r int, o RIPOptions) *RIPBound {
	low, high := found[0], found[1]
	for b, e := range found {
		if b%2 == 0 && e.value < low.value {
			low = e
		}
		if b%2 == 1 && e.value > high.value {
			high = e
		}
	}
	e := h.NewEval()
	b := &RIPBound{
		Rank: r, Symmetric: o.Symmetric, Scale: o.Scale, Starts: o.Starts, LowAt: low.at, HighAt: high.at,
		Low: o.Scale * formQuotient(e, low.at), High: o.Scale * formQuotient(e, high.at),
	}
	b.Delta, b.Rescaled = math.Max(0, math.Max(1-b.Low, b.High-1)), math.NaN()
	if b.High > 0 {
		b.Rescaled = (b.High - b.Low) / (b.High + b.Low)
	}
	return b
}

// formQuotient is M:H:M/‖M‖².
func formQuotient(h lr.FormEval, m *lr.Factors) float64 {
	return h.Apply(m.U, m.V) / squared(linalg.ProductNorm(m.U, m.V))
}

func (b *RIPBound) String() string {
	kind := ""
	if b.Symmetric {
		kind = "symmetric "
	}
	return fmt.Sprintf("δ ≥ %.4g for %smatrices of rank ≤ %d: the quotient is %.4g at one and %.4g at another; after the best rescaling δ ≥ %.4g (%d starts each, a lower bound)",
		b.Delta, kind, b.Rank, b.Low, b.High, b.Rescaled, b.Starts)
}
