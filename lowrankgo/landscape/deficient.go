package landscape

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// Deficiency is the construction of [L] Thm III.1 at a point of rank below r,
// made by [DeficientDirection].
type Deficiency struct {
	NullOfU bool      // Ub = 0, else Vb = 0
	B       []float64 // b, of length 1
	Other   float64   // ‖Vb‖, or ‖Ub‖ when Vb = 0

	Gradient float64 // s = uᵀ∇f(UVᵀ)v, the largest singular value ‖∇f‖₂ or an estimate from below
	Exact    bool    // s is ‖∇f‖₂ up to rounding
	C        float64 // ∇²f[u(Vb)ᵀ, u(Vb)ᵀ], or ∇²f[(Ub)vᵀ, (Ub)vᵀ]
	Bound    float64 // (c − √(c² + 4s²))/2, at least λmin(∇²g)

	Direction *lr.Factors // of norm 1, with curvature Bound
	Curvature float64     // ⟨D, ∇²g(U, V)D⟩, measured
	GradNorm  float64     // ‖∇g(U, V)‖F
	LambdaMin float64     // λmin(∇²g), NaN above 300 variables

	Row, Col int     // entry (i, j) of the largest |∇f_ij|, or one near it where Exact is false
	Entry    float64 // ∇f_ij
	EntryC   float64 // ∇²f[eᵢ(Vb)ᵀ, eᵢ(Vb)ᵀ], or ∇²f[(Ub)eⱼᵀ, (Ub)eⱼᵀ]

	Attained Check // the curvature of Direction is Bound
	Above    Check // λmin ≤ Bound
	Below    Check // −‖∇f‖₂ ≤ λmin, where ∇²f ⪰ 0
	Sharp    Check // λmin = Bound, where Vb = 0 and ∇²f ⪰ 0
	Strict   Check // Bound ≤ 0, with the theorem's hypotheses

	d1, d2 int
}

// nullPart is the part of the largest singular value of a factor below which
// one counts as 0.
const nullPart = 1e-12

// DeficientDirection carries out the second case of the proof of [L] Thm III.1
// (arXiv:2003.10981), with a sharper bound, at a point where U or V has rank
// below r. For a unit b with Ub = 0 and any unit vectors u and v,
//
//	D = (x·ubᵀ, y·vbᵀ)  ⇒  ∇²g[D, D] = 2xy·s + x²c,  s = uᵀ∇f(UVᵀ)v,  c = ∇²f[u(Vb)ᵀ, u(Vb)ᵀ]
//
// whose least value over x² + y² = 1 is
//
//	λmin(∇²g) ≤ (c − √(c² + 4s²))/2
//
// and mirrored for Vb = 0, with c = ∇²f[(Ub)vᵀ, (Ub)vᵀ]. u and v are the top
// singular pair of ∇f, so that s = ‖∇f‖₂; b is the vector of the null space of
// one factor of which the other has least, and the side that of the lower bound. The
// bound is negative at every such point where ∇f ≠ 0, critical or not. If Vb = 0
// as well and ∇²f ⪰ 0, it is λmin. The paper has the entry (i, j) in place of the
// singular pair, see [Deficiency.EntryDirection].
//
// p's terms of (U, V) are left out; g is f(UVᵀ). Up to 300 variables λmin is
// found beside it, from a dense Hessian; up to 40,000 entries ∇f is formed, above
// that its singular pair comes from 62 products with nine columns. Errors: a
// symmetric problem or a point that does not fit (lowrankgo.ErrShape), factors
// of full rank, to 10⁻¹² of their largest singular value (lowrankgo.ErrRank;
// [BalancedDirection] is for those), no Hessian products or none with ∇f
// (lowrankgo.ErrAbility), and ctx's error.
func DeficientDirection(ctx context.Context, p lr.Problem, x *lr.Factors) (*Deficiency, error) {
	f, err := unregularisedInput("DeficientDirection", p, x)
	if err != nil {
		return nil, err
	}
	eval, ok := lr.MulGradOf(f)
	if !ok {
		return nil, fmt.Errorf("landscape: DeficientDirection needs %v, which %s lacks: %w", lr.AbilityMulGrad, describe(f), lr.ErrAbility)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	sides, err := nullVectors(x)
	if err != nil {
		return nil, err
	}
	d1, d2 := x.Dims()
	g := &matrixGradient{eval: eval, x: x, d1: d1, d2: d2}
	pair, err := topPair(g)
	if err != nil {
		return nil, err
	}
	hess, _ := lr.HessVecOf(f)
	var best *Deficiency
	for _, d := range sides {
		d.d1, d.d2 = d1, d2
		d.fill(hess, x, pair)
		if best == nil || d.Bound < best.Bound {
			best = d
		}
	}
	if err := best.finish(ctx, f, hess, x); err != nil {
		return nil, err
	}
	return best, nil
}

// nullVectors returns b for each factor that has one.
func nullVectors(x *lr.Factors) ([]*Deficiency, error) {
	var out []*Deficiency
	for _, side := range []struct {
		nullOfU     bool
		own, across *mat.Dense
	}{{true, x.U, x.V}, {false, x.V, x.U}} {
		s, err := thinSVD(side.own)
		if err != nil {
			return nil, err
		}
		r, k := x.Rank(), 0
		for k < r && s.s[k] > nullPart*s.s[0] {
			k++
		}
		if k == r {
			continue
		}
		null := s.v.Slice(0, r, k, r)
		var left mat.Dense
		left.Mul(side.across, null)
		least, err := thinSVD(&left)
		if err != nil {
			return nil, err
		}
		var b mat.VecDense
		b.MulVec(null, least.v.ColView(r-k-1))
		out = append(out, &Deficiency{NullOfU: side.nullOfU, B: b.RawVector().Data, Other: least.s[r-k-1]})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("landscape: DeficientDirection: both factors have full rank %d; a point of lower rank is wanted, BalancedDirection is for this one: %w", x.Rank(), lr.ErrRank)
	}
	return out, nil
}

// gradientPair is the top singular pair of ∇f, and its entry of largest size.
type gradientPair struct {
	u, v     []float64
	s        float64
	exact    bool
	row, col int
	entry    float64
}

// topPair finds the pair of a dense ∇f, or of a sketch.
func topPair(g *matrixGradient) (*gradientPair, error) {
	p := new(gradientPair)
	if g.d1*g.d2 <= denseLimit {
		m := g.dense()
		s, err := thinSVD(m)
		if err != nil {
			return nil, err
		}
		p.u, p.v, p.s, p.exact = mat.Col(nil, 0, s.u), mat.Col(nil, 0, s.v), s.s[0], true
		for i := range g.d1 {
			for j, w := range m.RawRowView(i) {
				if math.Abs(w) > math.Abs(p.entry) {
					p.row, p.col, p.entry = i, j, w
				}
			}
		}
		return p, nil
	}
	mul := func(dst *mat.Dense, trans bool, z *mat.Dense) { g.eval.MulGrad(dst, trans, g.x, z) }
	u, s, v := linalg.RandomSVD(mul, g.d1, g.d2, 1, 30, lr.Stream(1, "singular pair of the matrix gradient"))
	if !finite(s[0]) {
		return nil, fmt.Errorf("landscape: ∇f is not finite at the point: %w", lr.ErrValue)
	}
	p.u, p.v = mat.Col(nil, 0, u), mat.Col(nil, 0, v)
	p.row, p.col = largestAt(p.u), largestAt(p.v)
	gv := mat.NewDense(g.d1, 2, nil)
	z := mat.NewDense(g.d2, 2, nil)
	z.SetCol(0, p.v)
	z.Set(p.col, 1, 1)
	g.eval.MulGrad(gv, false, g.x, z)
	for i, w := range p.u {
		p.s += float64(w * gv.At(i, 0))
	}
	p.entry = gv.At(p.row, 1)
	return p, nil
}

// largestAt is where |x| is largest.
func largestAt(x []float64) int {
	at := 0
	for i, v := range x {
		if math.Abs(v) > math.Abs(x[at]) {
			at = i
		}
	}
	return at
}

// fill finds the bound and the direction for b.
func (d *Deficiency) fill(hess lr.HessVec, x *lr.Factors, p *gradientPair) {
	d.Gradient, d.Exact = p.s, p.exact
	d.Row, d.Col, d.Entry = p.row, p.col, p.entry
	free, ei, ej := 1.0, unitVector(d.d1, p.row), unitVector(d.d2, p.col)
	d.C = quadraticAt(hess, x, d.rankOne(free, p.u, 0, p.v))
	d.EntryC = quadraticAt(hess, x, d.rankOne(free, ei, 0, ej))
	root := math.Sqrt(squared(d.C) + 4*squared(p.s))
	d.Bound = (d.C - root) / 2
	if d.C > 0 {
		d.Bound = -2 * squared(p.s) / (d.C + root) // the same without cancellation
	}
	a, b := d.Bound, p.s // an eigenvector of [c, s; s, 0]
	if size := math.Hypot(a, b); size > 0 {
		a, b = a/size, b/size
	} else {
		a, b = 0, 1
	}
	d.Direction = d.rankOne(a, p.u, b, p.v)
	d.Curvature = quadraticAt(hess, x, d.Direction)
}

func unitVector(n, i int) []float64 {
	e := make([]float64, n)
	e[i] = 1
	return e
}

// rankOne is (a·ubᵀ, c·vbᵀ) when Ub = 0, (c·ubᵀ, a·vbᵀ) when Vb = 0: a multiplies
// the side of b's own factor.
func (d *Deficiency) rankOne(a float64, u []float64, c float64, v []float64) *lr.Factors {
	if !d.NullOfU {
		a, c = c, a
	}
	out := lr.NewFactors(d.d1, d.d2, len(d.B))
	for i, w := range u {
		for k, b := range d.B {
			out.U.Set(i, k, a*w*b)
		}
	}
	for j, w := range v {
		for k, b := range d.B {
			out.V.Set(j, k, c*w*b)
		}
	}
	return out
}

// quadraticAt is ⟨d, ∇²g(x)d⟩.
func quadraticAt(hess lr.HessVec, x, d *lr.Factors) float64 {
	hd := d.Clone()
	hess.HessVec(hd, x, d)
	return d.Dot(hd)
}

// EntryDirection returns the direction of the paper's own proof, eᵢbᵀ and
// α·eⱼbᵀ, with the α for which
//
//	∇²g[D, D] = 2α∇f_ij + ∇²f[eᵢ(Vb)ᵀ, eᵢ(Vb)ᵀ] = −target
//
// so that any negative value is reached, by a direction of growing length. It is
// (α·eᵢbᵀ, eⱼbᵀ) where Vb = 0. A target that is not positive and finite, and a
// ∇f that is 0, are errors: then the point is a global minimiser.
func (d *Deficiency) EntryDirection(target float64) (alpha float64, direction *lr.Factors, err error) {
	if !(target > 0) || !finite(target) {
		return 0, nil, fmt.Errorf("landscape: EntryDirection is asked for curvature −(%v); a positive finite number is wanted: %w", target, lr.ErrValue)
	}
	if d.Entry == 0 {
		return 0, nil, fmt.Errorf("landscape: EntryDirection: ∇f is 0 at the point, which the theorem calls a global minimiser: %w", lr.ErrValue)
	}
	alpha = -(target + d.EntryC) / (2 * d.Entry)
	return alpha, d.rankOne(1, unitVector(d.d1, d.Row), alpha, unitVector(d.d2, d.Col)), nil
}
