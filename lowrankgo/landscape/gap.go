package landscape

import (
	"context"
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// NuclearGap bounds how far f(X), X = UVᵀ, is above the least value of f over a
// ball of the nuclear norm, for a convex f and without knowing any minimiser:
// for all Y, of any rank, with ‖Y‖₊ ≤ τ,
//
//	f(X) − f(Y) ≤ ⟨∇f(X), X − Y⟩ ≤ ⟨∇f(X), X⟩ + τ‖∇f(X)‖₂
//
// by convexity and since the two norms are dual. [Gap.At] gives it for a τ; it
// says something of a minimiser M* when τ ≥ ‖M*‖₊. At τ = ‖X‖₊ it is 0 exactly
// where X is the minimiser over the ball. It is the duality gap of Jaggi 2013
// (Revisiting Frank-Wolfe, ICML). A symmetric problem, whose Y are positive
// semidefinite, is bounded too, since f is taken as a function of all matrices.
//
// f is the objective without terms of (U, V), [lowrankgo.UnregularisedOf]. The
// problem must say that it is convex and have products with ∇f, else the error
// wraps [lowrankgo.ErrAbility]. A point of another shape or that is not finite,
// and a gradient that is not finite, are errors.
//
// Up to 40,000 entries ∇f(X) is formed, and its norm is exact but for rounding.
// Beyond, it comes from block Lanczos steps from random starts drawn from seed,
// at the cost of about 30 products of ∇f(X) with 4 columns and of 60(d1+d2)
// numbers, and is raised by 5.5 % so that it is an upper bound but with a
// probability below 10⁻⁹, see [Gap].
func NuclearGap(ctx context.Context, p lr.Problem, x *lr.Factors, seed uint64) (*Gap, error) {
	if err := lr.CheckProblem(p); err != nil {
		return nil, err
	}
	if err := lr.CheckPoint(p, x); err != nil {
		return nil, err
	}
	if err := gapless(p); err != nil {
		return nil, err
	}
	return nuclearGap(ctx, p, x, seed)
}

// gapless says why p has no gap, nil when it has one.
func gapless(p lr.Problem) error {
	if !lr.ConvexOf(p) {
		return fmt.Errorf("landscape: the gap needs an f that is known to be convex, which %s does not say of itself; a method Convex() bool says so, or a field of problem.Function, problem.MeasurementLoss or lowrankgo.Funcs: %w", describe(p), lr.ErrAbility)
	}
	if _, ok := lr.MulGradOf(lr.UnregularisedOf(p)); !ok {
		return fmt.Errorf("landscape: the gap needs %v, which %s lacks: %w", lr.AbilityMulGrad, describe(p), lr.ErrAbility)
	}
	return nil
}

// nuclearGap is NuclearGap of what has been checked. A problem that has no gap
// gives nil and no error; [gapless] says why.
func nuclearGap(ctx context.Context, p lr.Problem, x *lr.Factors, seed uint64) (*Gap, error) {
	if !lr.ConvexOf(p) {
		return nil, nil
	}
	eval, ok := lr.MulGradOf(lr.UnregularisedOf(p))
	if !ok {
		return nil, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	g := &Gap{Nuclear: nuclearNorm(x)}
	at := &matrixGradient{eval: eval, x: x}
	at.d1, at.d2 = x.Dims()
	g.Inner = at.inner()
	if err := at.spectral(ctx, g, seed); err != nil {
		return nil, err
	}
	if !finite(g.Inner) || !finite(g.Spectral) {
		return nil, fmt.Errorf("landscape: ∇f is not finite at the point (⟨∇f, X⟩ = %v, ‖∇f‖₂ = %v); a point where f is finite is wanted: %w", g.Inner, g.Spectral, lr.ErrValue)
	}
	return g, nil
}

// nuclearNorm is ‖UVᵀ‖₊, the sum of the singular values of R₁R₂ᵀ for thin QR
// factorisations of the factors. Cost (d1+d2)r².
func nuclearNorm(x *lr.Factors) float64 {
	if x.Symmetric() {
		n := x.Norm() // all singular values of UUᵀ add up to its trace
		return n * n
	}
	var core mat.Dense
	core.Mul(triangle(x.U), triangle(x.V).T())
	s := linalg.NewJacobi(x.Rank())
	for k := range x.Rank() {
		mat.Col(s.Column(k), k, &core)
	}
	s.Factorize()
	var sum float64
	for k := range x.Rank() {
		sigma, _, _ := s.Triplet(k)
		sum += sigma
	}
	return sum
}

// triangle is the R of a thin QR factorisation, square.
func triangle(a *mat.Dense) *mat.Dense {
	var qr mat.QR
	qr.Factorize(a)
	var r mat.Dense
	qr.RTo(&r)
	k := a.RawMatrix().Cols
	return r.Slice(0, k, 0, k).(*mat.Dense)
}

// matrixGradient is the d1×d2 matrix ∇f(X).
type matrixGradient struct {
	eval   lr.MulGrad
	x      *lr.Factors
	d1, d2 int
	scale  float64 // of what the estimate works with
}

// inner is ⟨∇f(X), X⟩ = ⟨∇f(X)·V, U⟩.
func (g *matrixGradient) inner() float64 {
	gv := mat.NewDense(g.d1, g.x.Rank(), nil)
	g.eval.MulGrad(gv, false, g.x, g.x.Right())
	var sum float64
	for i := range g.d1 {
		u := g.x.U.RawRowView(i)
		for k, v := range gv.RawRowView(i) {
			sum += float64(v * u[k])
		}
	}
	return sum
}

// dense returns the matrix, from products with the columns of the identity.
func (g *matrixGradient) dense() *mat.Dense {
	m := mat.NewDense(g.d1, g.d2, nil)
	g.eval.MulGrad(m, false, g.x, linalg.Identity(g.d2))
	return m
}

// denseLimit is the most entries of a ∇f that is formed.
const denseLimit = 40_000

// spectral finds ‖∇f(X)‖₂, or a bound above it.
func (g *matrixGradient) spectral(ctx context.Context, out *Gap, seed uint64) error {
	if g.d1*g.d2 <= denseLimit {
		out.Spectral, out.Exact = spectralNorm(g.dense())
		return nil
	}
	return g.estimate(ctx, out, seed)
}

func finite(v float64) bool { return v-v == 0 }
