package landscape

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
)

// RestrictedOptions are the options of [RestrictedConvexity]. Nil or zero fields
// mean their defaults.
type RestrictedOptions struct {
	RankX  int // rank of X; default 2r, at most min(d1, d2)
	RankD  int // rank of D; default 4r, at most min(d1, d2)
	Starts int // random starts of each search for D; default 4
	Sweeps int // alternations from each; default 30
	// Points are matrices X to look at, of rank RankX or less, beside 0, the truth
	// where it is known, and random ones. Of a quadratic f, X does not matter.
	Points []*lr.Factors
	Random int    // random X of each size, which are 0.1, 1 and 10 times ‖X*‖, or 1; default 2
	Seed   uint64 // of the starts and the random X
}

// RestrictedBound is what [RestrictedConvexity] has found of the constants α and β
// of a function: α is at most Alpha and β at least Beta.
type RestrictedBound struct {
	RankX, RankD int
	Alpha, Beta  float64 // least and largest ∇²f(X)[D, D]/‖D‖F² found
	// Ratio is a lower bound of β/α: Beta/Alpha, +Inf where Alpha is below 10⁻¹²
	// of Beta, which is 0 up to rounding, or negative.
	Ratio       float64
	LowX, HighX *lr.Factors // the X of Alpha and of Beta
	LowD, HighD *lr.Factors // the D, ‖D‖F = 1
	Quadratic   bool        // ∇²f is known to be the same at every X
	Points      int         // matrices X that were looked at

	// Of a least-squares f, 𝒜(D) = 0 is Equations linear equations in Unknowns
	// numbers for D = UVᵀ with one factor held. When there are more unknowns
	// than equations (Counted), α = 0 follows from that count alone, and LowD is
	// such a matrix.
	Equations, Unknowns int
	Counted             bool

	Hypothesis Hypothesis // β/α ≤ 3/2 of [L] Thm III.1: No, or unknown
}

// RestrictedConvexity looks for the constants of (2r, 4r)-restricted strong
// convexity and smoothness, [L] Def III.1 (arXiv:2003.10981):
//
//	α‖D‖F² ≤ ∇²f(X)[D, D] ≤ β‖D‖F²  for all X of rank ≤ 2r and D of rank ≤ 4r
//
// It finds a lower bound of β/α: matrices that show that the ratio is no smaller.
// An upper bound would need all matrices, as for the restricted isometry
// constant. [L] Thm III.1 asks for β/α ≤ 3/2, so that a bound above it places the
// problem outside the theorem, and one below says nothing.
//
// f is p without its terms of (U, V), as a function of all d1×d2 matrices. For each X,
// D is found by alternating searches as in [RIPLowerBound], and of a least-squares
// f with few measurements by one linear solve. Each X costs
// 2·Starts·Sweeps·60 applications of ∇²f at most. Errors: no second derivatives
// of f (lowrankgo.ErrAbility), ranks outside 1 … min(d1, d2) (lowrankgo.ErrRank), options
// out of range (lowrankgo.ErrValue), points that do not fit (lowrankgo.ErrShape),
// and ctx's error.
func RestrictedConvexity(ctx context.Context, p lr.Problem, o *RestrictedOptions) (*RestrictedBound, error) {
	if err := lr.CheckProblem(p); err != nil {
		return nil, fmt.Errorf("landscape: RestrictedConvexity: %w", err)
	}
	f := lr.UnregularisedOf(p)
	s := &restrictedSearch{f: f, b: &RestrictedBound{Alpha: math.Inf(1), Beta: math.Inf(-1)}}
	if err := s.fill(o); err != nil {
		return nil, err
	}
	points, err := s.points()
	if err != nil {
		return nil, err
	}
	for k, x := range points {
		if err := s.at(ctx, x, uint64(k)); err != nil {
			return nil, err
		}
	}
	if err := s.count(ctx); err != nil {
		return nil, err
	}
	s.b.conclude()
	return s.b, nil
}

// conclude finds the ratio.
func (b *RestrictedBound) conclude() {
	b.Ratio = b.Beta / b.Alpha
	if b.Alpha <= 1e-12*b.Beta {
		b.Ratio = math.Inf(1)
	}
	b.Hypothesis = ratioHypothesis(b.Ratio)
}

// restrictedSearch is a search under way.
type restrictedSearch struct {
	f lr.Problem
	o RestrictedOptions
	b *RestrictedBound
}

// fill checks the options and puts in their defaults.
func (s *restrictedSearch) fill(o *RestrictedOptions) error {
	if o != nil {
		s.o = *o
	}
	d1, d2, r := s.f.Dims()
	top := min(d1, d2)
	for _, v := range []struct {
		name string
		at   *int
		fill int
	}{
		{"RankX", &s.o.RankX, min(2*r, top)}, {"RankD", &s.o.RankD, min(4*r, top)},
		{"Starts", &s.o.Starts, 4}, {"Sweeps", &s.o.Sweeps, 30}, {"Random", &s.o.Random, 2},
	} {
		if *v.at == 0 {
			*v.at = v.fill
		}
		if *v.at < 1 {
			return fmt.Errorf("landscape: RestrictedOptions has %s = %d; at least 1 is wanted, or 0 for the default: %w", v.name, *v.at, lr.ErrValue)
		}
	}
	if s.o.RankX > top || s.o.RankD > top {
		return fmt.Errorf("landscape: RestrictedOptions has RankX = %d and RankD = %d for %d×%d matrices; at most %d is wanted: %w", s.o.RankX, s.o.RankD, d1, d2, top, lr.ErrRank)
	}
	s.b.RankX, s.b.RankD = s.o.RankX, s.o.RankD
	return nil
}

// points lists the X to look at; one, 0, when the second derivative is the same
// everywhere.
func (s *restrictedSearch) points() ([]*lr.Factors, error) {
	d1, d2, _ := s.f.Dims()
	for k, x := range s.o.Points {
		if err := x.Check(); err != nil {
			return nil, fmt.Errorf("landscape: RestrictedOptions: point %d: %w", k, err)
		}
		if x1, x2 := x.Dims(); x1 != d1 || x2 != d2 || x.Rank() > s.o.RankX {
			return nil, fmt.Errorf("landscape: RestrictedOptions: point %d is %d×%d with %d columns; %d×%d with at most RankX = %d is wanted: %w", k, x1, x2, x.Rank(), d1, d2, s.o.RankX, lr.ErrShape)
		}
	}
	out := []*lr.Factors{lr.NewFactors(d1, d2, 1)}
	_, squares := lr.LeastSquaresOf(s.f)
	_, form := lr.ErrorFormOf(s.f)
	if s.b.Quadratic = squares || form; s.b.Quadratic {
		return out, nil
	}
	out = append(out, s.o.Points...)
	size := 1.0
	if t, ok := lr.TruthOf(s.f); ok && t.Rank() <= s.o.RankX {
		if out = append(out, t); linalg.ProductNorm(t.U, t.Right()) > 0 {
			size = linalg.ProductNorm(t.U, t.Right())
		}
	}
	for k := range 3 * s.o.Random {
		rng := lr.Stream(s.o.Seed, "restricted convexity: points", uint64(k))
		x := &lr.Factors{U: lr.NormalMatrix(rng, d1, s.o.RankX), V: lr.NormalMatrix(rng, d2, s.o.RankX)}
		x.U.Scale(size*math.Pow(10, float64(k%3-1))/linalg.ProductNorm(x.U, x.V), x.U)
		out = append(out, x)
	}
	return out, nil
}

// at looks for the extremes of ∇²f(X).
func (s *restrictedSearch) at(ctx context.Context, x *lr.Factors, k uint64) error {
	h, err := lr.CurvatureOf(s.f, x)
	if err != nil {
		return fmt.Errorf("landscape: RestrictedConvexity: %w", err)
	}
	found, err := FormRIPLowerBound(ctx, h, s.o.RankD, &RIPOptions{Starts: s.o.Starts, Sweeps: s.o.Sweeps, Seed: s.o.Seed + k})
	if err != nil {
		return err
	}
	s.b.Points++
	s.b.low(found.Low, x, found.LowAt)
	if found.High > s.b.Beta {
		s.b.Beta, s.b.HighX, s.b.HighD = found.High, x, found.HighAt
	}
	return nil
}

// low takes a value of ∇²f(X)[D, D]/‖D‖² if it is the least so far.
func (b *RestrictedBound) low(value float64, x, d *lr.Factors) {
	if value < b.Alpha {
		b.Alpha, b.LowX, b.LowD = value, x, d
	}
}
