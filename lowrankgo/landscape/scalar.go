package landscape

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// ScalarExample is [L] Example I.1 (arXiv:2003.10981) in closed form, the
// factorisation of the 1×1 matrix 1,
//
//	g(u, v) = ½(1 − uv)²,  g̃(u, v) = g(u, v) + (μ/4)(u² − v²)²
//
// It shows with two numbers what the papers prove of matrices: without the
// regulariser the minimisers are a curve, with it two points, and either way
// every other critical point is a strict saddle.
type ScalarExample struct {
	Mu float64 // μ ≥ 0; the default 0 is g, Fig. 1 of [L] has 1/16 for g̃
}

// ScalarPoint is a critical point of a [ScalarExample], and what it is.
type ScalarPoint struct {
	U, V        float64
	Eigenvalues [2]float64 // of the Hessian, ascending
	Verdict     Verdict    // NearOptimum at a minimiser, NegativeCurvature at a strict saddle
}

// check returns an error unless 0 ≤ μ < ∞ and the numbers are finite.
func (e ScalarExample) check(numbers ...float64) error {
	if !(e.Mu >= 0) || !finite(e.Mu) {
		return fmt.Errorf("landscape: ScalarExample has Mu = %v; 0 or a positive finite number is wanted: %w", e.Mu, lr.ErrValue)
	}
	for _, v := range numbers {
		if !finite(v) {
			return fmt.Errorf("landscape: ScalarExample was given the number %v; finite ones are wanted: %w", v, lr.ErrValue)
		}
	}
	return nil
}

// Value returns g̃(u, v).
func (e ScalarExample) Value(u, v float64) float64 {
	return squared(1-float64(u*v))/2 + float64(e.Mu/4*squared(squared(u)-squared(v)))
}

// Gradient returns ∂g̃/∂u and ∂g̃/∂v,
//
//	(uv − 1)v + μ(u² − v²)u,  (uv − 1)u − μ(u² − v²)v
func (e ScalarExample) Gradient(u, v float64) (du, dv float64) {
	miss, gap := float64(u*v)-1, float64(e.Mu*(squared(u)-squared(v)))
	return float64(miss*v) + float64(gap*u), float64(miss*u) - float64(gap*v)
}

// Hessian returns the 2×2 matrix
//
//	[v² + μ(3u² − v²)   2uv − 1 − 2μuv  ]
//	[2uv − 1 − 2μuv     u² + μ(3v² − u²)]
func (e ScalarExample) Hessian(u, v float64) *mat.SymDense {
	uu, vv, uv := squared(u), squared(v), float64(u*v)
	off := 2*uv - 1 - float64(2*e.Mu*uv)
	return mat.NewSymDense(2, []float64{
		vv + float64(e.Mu*(3*uu-vv)), off,
		off, uu + float64(e.Mu*(3*vv-uu)),
	})
}

// Critical returns the critical points: with μ > 0 the minimisers (1, 1) and
// (−1, −1), whose Hessian has the eigenvalues 2 and 4μ, and the origin, a strict
// saddle with −1 and 1. Without the regulariser they are the origin and all
// points with uv = 1, (t, 1/t), whose eigenvalues are 0 and t² + 1/t²; those of
// the given t are returned, which may not be 0 and is not read when μ > 0. A
// negative μ and numbers that are not finite are errors.
func (e ScalarExample) Critical(t ...float64) ([]ScalarPoint, error) {
	if err := e.check(t...); err != nil {
		return nil, err
	}
	out := []ScalarPoint{{0, 0, [2]float64{-1, 1}, NegativeCurvature}}
	if e.Mu > 0 {
		least := [2]float64{math.Min(2, 4*e.Mu), math.Max(2, 4*e.Mu)}
		return append(out, ScalarPoint{1, 1, least, NearOptimum}, ScalarPoint{-1, -1, least, NearOptimum}), nil
	}
	for _, u := range t {
		if u == 0 || !finite(1/u) {
			return nil, fmt.Errorf("landscape: ScalarExample.Critical was given t = %v; the points are (t, 1/t), t not 0: %w", u, lr.ErrValue)
		}
		out = append(out, ScalarPoint{u, 1 / u, [2]float64{0, squared(u) + 1/squared(u)}, NearOptimum})
	}
	return out, nil
}

// Classify says what (u, v) is: LargeGradient where ‖∇g̃‖ > tol, else
// NearOptimum where uv > ½ and NegativeCurvature elsewhere, since the only
// critical points away from the minimisers are those at the origin. It is right
// for a tol up to 1/10 of min(1, μ), or up to 1/10 without the regulariser. A
// negative μ and numbers that are not finite are errors.
func (e ScalarExample) Classify(u, v, tol float64) (Verdict, error) {
	if err := e.check(u, v, tol); err != nil {
		return Undecided, err
	}
	du, dv := e.Gradient(u, v)
	switch {
	case math.Hypot(du, dv) > tol:
		return LargeGradient, nil
	case u*v > 0.5:
		return NearOptimum, nil
	}
	return NegativeCurvature, nil
}

// Checks evaluates what the example claims of its critical points (those of
// [ScalarExample.Critical]): the gradient is 0, the Hessian has the eigenvalues
// in closed form, whose sum and product are its trace and determinant; and at
// the point (u, v) the identity by which critical points are balanced,
//
//	u·∂g̃/∂u − v·∂g̃/∂v = μ(u⁴ − v⁴)
//
// The errors are those of Critical.
func (e ScalarExample) Checks(u, v float64, t ...float64) ([]Check, error) {
	if err := e.check(u, v); err != nil {
		return nil, err
	}
	points, err := e.Critical(t...)
	if err != nil {
		return nil, err
	}
	const item = "[L] Example I.1"
	var out []Check
	for _, p := range points {
		at := fmt.Sprintf("at (%.4g, %.4g): ", p.U, p.V)
		du, dv := e.Gradient(p.U, p.V)
		h, low, high := e.Hessian(p.U, p.V), p.Eigenvalues[0], p.Eigenvalues[1]
		a, b, c := h.At(0, 0), h.At(1, 1), h.At(0, 1)
		size := 1 + math.Abs(p.U) + math.Abs(p.V)
		out = append(out,
			Check{Item: item, Claim: at + "‖∇g̃‖ = 0", Left: math.Hypot(du, dv), Scale: size},
			Check{Item: item, Claim: at + "λ₁ + λ₂ = tr ∇²g̃", Left: low + high, Right: a + b, Scale: math.Abs(low) + high + math.Abs(a) + math.Abs(b)},
			Check{Item: item, Claim: at + "λ₁λ₂ = det ∇²g̃", Left: low * high, Right: float64(a*b) - squared(c), Scale: math.Abs(low*high) + math.Abs(a*b) + squared(c)})
	}
	du, dv := e.Gradient(u, v)
	left, right := float64(u*du)-float64(v*dv), e.Mu*(squared(squared(u))-squared(squared(v)))
	miss := math.Abs(u*v - 1)
	scale := 2*miss*math.Abs(u*v) + 2*e.Mu*squared(squared(u)+squared(v))
	return append(out, Check{Item: item, Claim: "u·∂g̃/∂u − v·∂g̃/∂v = μ(u⁴ − v⁴)", Left: left, Right: right, Scale: scale}), nil
}
