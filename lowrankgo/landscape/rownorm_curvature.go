package landscape

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// RowPenalty holds the numbers of the regulariser of [G](4), (11),
//
//	Q(U, V) = λ₁ Σᵢ (‖eᵢᵀU‖ − α₁)₊⁴ + λ₂ Σⱼ (‖eⱼᵀV‖ − α₂)₊⁴
//
// A λ of 0 is no penalty. The fields of V are not read of a symmetric point.
type RowPenalty struct {
	Lambda, Alpha   float64 // λ₁ ≥ 0 and α₁ > 0, for the rows of U
	LambdaV, AlphaV float64 // λ₂ and α₂, for the rows of V; default those of U
}

func (q RowPenalty) filled() RowPenalty {
	if q.LambdaV == 0 {
		q.LambdaV = q.Lambda
	}
	if q.AlphaV == 0 {
		q.AlphaV = q.Alpha
	}
	return q
}

// check is for filled numbers.
func (q RowPenalty) check() error {
	for _, s := range []rowSide{{q.Lambda, q.Alpha}, {q.LambdaV, q.AlphaV}} {
		switch {
		case !(s.lambda >= 0) || math.IsInf(s.lambda, 0):
			return fmt.Errorf("landscape: a row penalty has λ = %v; a finite number of at least 0 is wanted: %w", s.lambda, lr.ErrValue)
		case s.lambda > 0 && !(s.alpha > 0):
			return fmt.Errorf("landscape: a row penalty has λ = %v and α = %v; a positive α is wanted: %w", s.lambda, s.alpha, lr.ErrValue)
		}
	}
	return nil
}

// rowSide is λ Σᵢ (‖xᵢ‖ − α)₊⁴ over the rows of one factor.
type rowSide struct{ lambda, alpha float64 }

// along returns δ:∇²Q:δ and ⟨∇Q, δ⟩, summed over the rows u of x and δ of d.
// With t = ‖u‖, e = t − α > 0 and a = ⟨u/t, δ⟩ a row gives
//
//	δ:∇²Q:δ = 4λ(e³/t)‖δ‖² + 4λ(e²/t)(2t + α)a²,  ⟨∇Q, δ⟩ = 4λe³a
func (s rowSide) along(x, d *mat.Dense) (curvature, slope float64) {
	if s.lambda == 0 {
		return 0, 0
	}
	for i := range x.RawMatrix().Rows {
		u, delta := x.RawRowView(i), d.RawRowView(i)
		t := rowNorm(u)
		e := t - s.alpha
		if !(e > 0) {
			continue
		}
		var a, dd float64
		for k, v := range u {
			a += float64(v / t * delta[k])
			dd += float64(delta[k] * delta[k])
		}
		curvature += float64(4 * s.lambda * e * e / t * (float64(e*dd) + float64((t+t+s.alpha)*a*a)))
		slope += float64(4 * s.lambda * e * e * e * a)
	}
	return curvature, slope
}

// limit is K(α/maxᵢ‖Uᵢ*‖)·λα² for the rows of a factor of M*; 0 without a
// penalty.
func (s rowSide) limit(target *mat.Dense) (c, limit float64, err error) {
	if s.lambda == 0 || math.IsInf(s.alpha, 1) {
		return math.Inf(1), 0, nil
	}
	c = s.alpha / longestRow(target)
	w, err := WorstRow(c)
	if err != nil {
		return 0, 0, err
	}
	return c, w.K * s.lambda * s.alpha * s.alpha, nil
}

// RowNormTerms are the numbers of [G] Lemma 11 at a point.
type RowNormTerms struct {
	Curvature float64 // Δ:∇²Q:Δ
	Slope     float64 // ⟨∇Q, Δ⟩
	Quarter   float64 // ¼[Δ:∇²Q:Δ − 4⟨∇Q, Δ⟩]
	SqDelta   float64 // ‖Δ‖F²
	C, CV     float64 // α/maxᵢ‖Uᵢ*‖ of either side; +Inf without a penalty, CV also when symmetric
	Limit     float64 // the larger K(C)λα² of the sides
	// Bound: Quarter ≤ Limit·‖Δ‖², which always holds.
	Bound Check
	// Share: Quarter ≤ s·σᵣ*‖Δ‖² with s = 0.025, or 0.0125 of an asymmetric
	// point, so that Lemma 10's −0.3σᵣ*‖Δ‖² is left −0.2 of it: holds where
	// Limit ≤ s·σᵣ*.
	Share Check
}

// RowNormCurvature evaluates [G] Lemma 11, arXiv:1704.00708: what the row
// penalty Q adds to the curvature along Δ = U − U*R, at any point x,
//
//	¼[Δ:∇²Q:Δ − 4⟨∇Q, Δ⟩] ≤ K(C)·λα²‖Δ‖F²,  C = α/maxᵢ‖Uᵢ*‖ ≥ 1
//
// with K(C) found by maximisation, see [WorstRow]. For an asymmetric x it is
// Δ = W − W*R of Def 7, with balanced U*, V*, and the larger bound of the two
// sides.
//
// The paper prints 0.1σᵣ*‖Δ‖² on the right, which four times would exceed the
// 0.3σᵣ*‖Δ‖² of Lemma 10 that it is set against; Share has a quarter of it.
// truth may have fewer columns than x. Cost (d1+d2)r². Shapes that do not fit,
// numbers that are not finite and a penalty out of range are errors.
func RowNormCurvature(q RowPenalty, x, truth *lr.Factors) (*RowNormTerms, error) {
	q = q.filled()
	if err := q.check(); err != nil {
		return nil, err
	}
	t, err := newAligned(x, truth)
	if err != nil {
		return nil, err
	}
	return rowNormTerms(q, x, t)
}

func rowNormTerms(q RowPenalty, x *lr.Factors, t *aligned) (*RowNormTerms, error) {
	d := t.Delta
	n := &RowNormTerms{SqDelta: d.Dot(d), CV: math.Inf(1)}
	side := rowSide{q.Lambda, q.Alpha}
	var err error
	if n.C, n.Limit, err = side.limit(t.Nearest.U); err != nil {
		return nil, err
	}
	n.Curvature, n.Slope = side.along(x.U, d.U)
	allowed := 0.025
	if !x.Symmetric() {
		allowed = 0.0125
		side = rowSide{q.LambdaV, q.AlphaV}
		var limit float64
		if n.CV, limit, err = side.limit(t.Nearest.V); err != nil {
			return nil, err
		}
		n.Limit = math.Max(n.Limit, limit)
		c, s := side.along(x.V, d.V)
		n.Curvature, n.Slope = n.Curvature+c, n.Slope+s
	}
	n.Quarter = n.Curvature/4 - n.Slope
	n.fillChecks(allowed * t.least())
	return n, nil
}

func (n *RowNormTerms) fillChecks(allowed float64) {
	scale := math.Abs(n.Curvature)/4 + math.Abs(n.Slope)
	c := math.Min(n.C, n.CV)
	rows := Hypothesis{"no row of U* is longer than α, C ≥ 1", answer(c >= 1), c}
	n.Bound = Check{
		Item: "[G] Lemma 11", Claim: "¼[Δ:∇²Q:Δ − 4⟨∇Q, Δ⟩] ≤ K(C)λα²‖Δ‖²", Relation: AtMost,
		Left: n.Quarter, Right: timesFinite(n.Limit, n.SqDelta), Hypotheses: []Hypothesis{rows},
	}
	n.Bound.Scale = scale + n.Bound.Right
	n.Share = Check{
		Item: "[G] Lemma 11", Claim: fmt.Sprintf("¼[Δ:∇²Q:Δ − 4⟨∇Q, Δ⟩] ≤ %.4gσᵣ*‖Δ‖² (a quarter of what is printed)", 0.025), Relation: AtMost,
		Left: n.Quarter, Right: allowed * n.SqDelta, Scale: scale + float64(allowed*n.SqDelta),
		Hypotheses: []Hypothesis{rows, {"K(C)λα² as a part of what it may be, at most 1", answer(n.Limit <= allowed*(1+1e-12)), n.Limit / allowed}},
	}
}

// timesFinite is a·b with 0·Inf = 0.
func timesFinite(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a * b
}

// RowCurvature is the row of U and that of U* for which the penalty
// (‖u‖ − 1)₊⁴ adds most curvature along u − u*; lengths are in units of α.
type RowCurvature struct {
	C      float64   // 1/C bounds ‖u*‖
	K      float64   // the largest ratio found
	Closed float64   // (6√3 − 9)(1 + 1/C)²
	Row    []float64 // u, 2 numbers
	Target []float64 // u*, 2 numbers
}

// WorstRow finds the constant K(C) of [G] Lemma 11 for rows of U* of length at
// most α/C, by maximisation over one row u and one u*,
//
//	K(C) = max ¼[δ:∇²q:δ − 4⟨∇q, δ⟩]/‖δ‖²,  q = (‖u‖ − 1)₊⁴, δ = u − u*, ‖u*‖ ≤ 1/C
//
// which depends on ‖u‖ and on u* along and across u alone. It is (6√3 − 9)(1 + 1/C)², with
// the maximiser u* = −û/C, ‖u‖ = 1 + √3(1 + 1/C): the row of U* points the other
// way. For C < 1 there is no such constant, and K is +Inf, Row and Target nil.
// About 2,000 values, 0.05 ms. A C that is not positive is an error; +Inf stands for
// U* = 0.
func WorstRow(c float64) (*RowCurvature, error) {
	if !(c > 0) {
		return nil, fmt.Errorf("landscape: C = α/max‖Uᵢ*‖ is %v; a positive number is wanted: %w", c, lr.ErrValue)
	}
	if c < 1 {
		return &RowCurvature{C: c, K: math.Inf(1), Closed: math.Inf(1)}, nil
	}
	w := &RowCurvature{C: c, Closed: (6*math.Sqrt(3) - 9) * (1 + 1/c) * (1 + 1/c)}
	ratio := func(t, along float64) (best, across float64) {
		best = rowRatio(t, along, 0)
		far := math.Sqrt(math.Max(0, 1/(c*c)-along*along))
		if v := rowRatio(t, along, far); v > best {
			return v, far
		}
		return best, 0
	}
	t, along := zoom(func(t, along float64) float64 { v, _ := ratio(t, along); return v },
		[2]float64{1, -1 / c}, [2]float64{1 + 4*(1+1/c), 1 / c})
	k, across := ratio(t, along)
	w.K, w.Row, w.Target = k, []float64{t, 0}, []float64{along, across}
	return w, nil
}

// rowRatio is the ratio at u = (t, 0) and u* = (along, across): with e = t − 1
// and a = t − along
//
//	e³/t + e²a·((2t + 1)a/t − 4e)/(a² + across²)
//
// which has its maximum over across² at one end or the other.
func rowRatio(t, along, across float64) float64 {
	e, a := t-1, t-along
	dd := float64(a*a) + float64(across*across)
	if !(e > 0) || dd == 0 {
		return 0
	}
	return e*e*e/t + e*e*a*(float64((t+t+1)*a/t)-4*e)/dd
}

// zoom finds where f is largest in a box: the best point of a grid, then of
// smaller and smaller grids around the best so far.
func zoom(f func(x, y float64) float64, lo, hi [2]float64) (x, y float64) {
	from, to := lo, hi
	best, n := math.Inf(-1), 24
	for range 45 {
		for k := range (n + 1) * (n + 1) {
			a := from[0] + (to[0]-from[0])*float64(k%(n+1))/float64(n)
			b := from[1] + (to[1]-from[1])*float64(k/(n+1))/float64(n)
			if v := f(a, b); v > best {
				best, x, y = v, a, b
			}
		}
		for i, v := range [2]float64{x, y} {
			half := (to[i] - from[i]) / 3
			from[i], to[i] = math.Max(lo[i], v-half), math.Min(hi[i], v+half)
		}
		n = 4
	}
	return x, y
}
