package solver

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// projections is what alternating projections have in common: a point
// L = UΣVᵀ, a threshold ζ, and what the last pass over the data found there.
type projections struct {
	*sieve
	seen observed
	most int // entries that may be beyond ζ

	start float64 // from which size on entries are gross at x0

	x        *lr.Factors // U√Σ, V√Σ
	u, v     []float64   // d1×r, d2×r by columns, orthonormal
	sigma    []float64   // r
	begun    bool        // the point is no longer x0
	residual float64
	found    int // observed entries further than ζ from L
	passes   int
	falling  fall
}

// newProjections reads the data once, for the residual of x0 with S = 0. The
// sieve has products of up to k columns.
func newProjections(method string, p lr.Problem, x0 *lr.Factors, k int) (*projections, error) {
	split, err := splitOf(method, p)
	if err != nil {
		return nil, err
	}
	seen, err := observe(method, split.Data)
	if err != nil {
		return nil, err
	}
	d1, d2, r := p.Dims()
	s := &projections{
		sieve: newSieve(split.Data, k), seen: seen, most: budget(split.Set, seen.count), start: grossFrom(split.Data, x0, split.Set), x: x0.Clone(),
		u: make([]float64, d1*r), v: make([]float64, d2*r), sigma: make([]float64, r), falling: newFall(), passes: 2,
	}
	s.sieve.at(r, mat.DenseCopyOf(x0.U).RawMatrix().Data, byColumns(x0.V), math.Inf(1))
	if s.sum, s.kept = seen.sum, seen.count; !vanishing(x0) {
		s.pass(0, nil, nil, nil, nil)
	}
	s.residual = seen.residual(s.sum)
	return s, nil
}

// vanishing reports whether x is UVᵀ with U = 0 or V = 0.
func vanishing(x *lr.Factors) bool { return mat.Norm(x.U, 1) == 0 || mat.Norm(x.V, 1) == 0 }

// Point returns U√Σ, V√Σ.
func (s *projections) Point() *lr.Factors { return s.x }

// Info says the threshold and how often the data were read.
func (s *projections) Info() lr.Info {
	if !s.begun {
		return hushed(math.NaN(), s.passes)
	}
	return hushed(s.zeta, s.passes)
}

// Residual is that of L and S = T_ζ(Data − L); at the start S = 0.
func (s *projections) Residual() float64 { return s.residual }

// SparsePart makes S = T_ζ(Data − L) of the observed entries, in one pass.
func (s *projections) SparsePart() *lr.Sparse {
	if !s.begun {
		return &lr.Sparse{D1: s.d1, D2: s.d2, RowFrom: make([]int, s.d1+1)}
	}
	return s.outliers()
}

// saved is the share of State.
func (s *projections) saved() []any {
	return append([]any{
		s.x, s.u, s.v, s.sigma, s.us, s.vt, &s.r, &s.zeta, &s.begun, &s.residual, &s.found, &s.passes,
	}, s.falling.saved()...)
}

// ready returns why no step can be taken. A run does not end at a threshold that
// is too low, if the next one may not be.
func (s *projections) ready(ctx context.Context) error {
	if idle := s.falling.idle; idle >= 2*waitForFall || (idle >= waitForFall && !s.full()) {
		return lr.ErrNoProgress
	}
	return ctx.Err()
}

// The first step reads the data normPasses times for σ₁ of the data, which sets
// the threshold, and then until its sketch has settled, sketchPasses times at
// most.
const (
	normPasses   = 2
	sketchPasses = 3
)

// first finds the leading n singular triplets of R at x0 for the first
// threshold; then value, left and right of the sketch give them. With an error
// nothing has changed.
func (s *projections) first(ctx context.Context, k *sketch, n int, betas betas, seed uint64) error {
	k.draw(lr.Stream(seed, "AltProj start"))
	passes := 0
	for settled := false; !settled; passes++ {
		if err := ctx.Err(); err != nil {
			s.zeta = math.Inf(1)
			return err
		}
		if passes > 0 {
			k.turn()
		}
		k.gram()
		switch {
		case passes == normPasses-1:
			k.decompose()
			s.zeta = betas.first(k.value(0), s.start)
		case passes >= normPasses:
			k.decompose()
			settled = passes == normPasses+sketchPasses-1 || k.settled(n)
		}
	}
	s.passes += passes
	return nil
}

// move makes UΣVᵀ, of the first n columns, the point, at the threshold ζ.
func (s *projections) move(n int, zeta float64) {
	clear(s.sigma[n:])
	for k, size := range s.sigma[:n] {
		for i, v := range s.u[k*s.d1 : (k+1)*s.d1] {
			s.us[i*n+k] = size * v
		}
	}
	copy(s.vt, s.v[:n*s.d2])
	s.at(n, s.us, s.vt, zeta)
	balanced(s.x.U, s.u, s.sigma)
	balanced(s.x.V, s.v, s.sigma)
}

// balanced sets dst to the columns of u, each times the root of its singular
// value.
func balanced(dst *mat.Dense, u, sigma []float64) {
	d := dst.RawMatrix().Rows
	for k, size := range sigma {
		root := math.Sqrt(size)
		for i := range d {
			dst.RawRowView(i)[k] = root * u[k*d+i]
		}
	}
}

// settle takes what the pass at the new point found.
func (s *projections) settle(passes int) {
	s.begun = true
	s.passes += passes
	s.found = s.seen.count - s.kept
	s.residual = s.seen.residual(s.sum)
	s.falling.see(s.residual, s.zeta)
}

// full reports whether so many entries are beyond the threshold that it is too
// low.
func (s *projections) full() bool { return s.found > s.most }

// paced is the factor of the next threshold, after decay: lower by gamma, or
// higher by that, up to 1, when the threshold is too low.
func (s *projections) paced(decay, gamma float64) float64 {
	if s.full() {
		return min(1, decay/gamma)
	}
	return decay * gamma
}

// budget is how many of n observed entries may be beyond the threshold: a
// quarter more than the set allows, since outliers in random places are not
// counted line by line, but not all.
func budget(set lr.SparseSet, n int) int {
	most := set.Most(n)
	return min(most+most/4+10, most+(n-most)/2)
}

// nothing makes 0 the point, for data that are all 0.
func (s *projections) nothing() {
	clear(s.sigma)
	s.move(s.x.Rank(), 0)
	s.kept, s.sum = s.seen.count, 0
	s.settle(0)
}

// betas are β and β₀ of the thresholds.
type betas struct {
	next, start float64 // a start of 0 is the default
}

// newBetas fills in the default of β.
func newBetas(beta, betaInit float64, d1, d2 int) betas {
	if beta == 0 {
		root := math.Sqrt(float64(d1) * float64(d2))
		beta = 0.5/math.Sqrt(root) + 5/root
	}
	return betas{beta, betaInit}
}

// first is the first threshold, for σ₁ of the data and the size from which on
// entries are gross.
func (b betas) first(sigma, gross float64) float64 {
	if b.start > 0 {
		return b.start * sigma
	}
	return min(4*b.next*sigma, gross)
}

// checkProjections checks the fields that both methods have.
func checkProjections(method string, beta, betaInit, decay float64) error {
	for _, f := range []struct {
		name string
		v    float64
	}{{"Beta", beta}, {"BetaInit", betaInit}} {
		if !(f.v >= 0) || !finite(f.v) {
			return fmt.Errorf("solver: %s has %s = %v; a positive finite number is wanted, or 0 for the default: %w", method, f.name, f.v, lr.ErrValue)
		}
	}
	if !(decay >= 0 && decay < 1) {
		return fmt.Errorf("solver: %s has Decay = %v; a factor above 0 and below 1 is wanted, or 0 for the default: %w", method, decay, lr.ErrValue)
	}
	return nil
}

// nameBetas prints what is not the default.
func nameBetas(beta, betaInit float64) string {
	s := ""
	if beta != 0 {
		s += fmt.Sprintf(", β = %g", beta)
	}
	if betaInit != 0 {
		s += fmt.Sprintf(", β₀ = %g", betaInit)
	}
	return s
}
