package landscape

import (
	"errors"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// completionCase is [G](11), or (4), of a random matrix.
func completionCase(t rapid.TB, c problem.RandomCompletion, q RowPenalty) CompletionCase {
	p, err := c.New()
	if errors.Is(err, lr.ErrEmpty) { // the mask has no entry
		c.P = 1
		p, err = c.New()
	}
	if err != nil {
		t.Fatalf("%v", err)
	}
	var g lr.Problem = p
	if !c.Symmetric {
		if g, err = (problem.Balance{Of: g, Mu: 0.5}).New(); err != nil {
			t.Fatalf("%v", err)
		}
	}
	if q.Lambda > 0 {
		if g, err = (problem.RowNorm{Of: g, Lambda: q.Lambda, Alpha: q.Alpha, LambdaV: q.LambdaV, AlphaV: q.AlphaV}).New(); err != nil {
			t.Fatalf("%v", err)
		}
	}
	return CompletionCase{Problem: g, Penalty: q, P: c.P}
}

// drawnCompletion is a case of any shape and a point.
func drawnCompletion(t *rapid.T) (c CompletionCase, x *lr.Factors, seed uint64) {
	seed = rapid.Uint64().Draw(t, "seed")
	r := problem.RandomCompletion{D1: rapid.IntRange(3, 14).Draw(t, "d1"), Seed: seed, P: rapid.Float64Range(0.7, 1).Draw(t, "p")}
	r.Symmetric = rapid.Bool().Draw(t, "symmetric")
	r.D2 = r.D1
	if !r.Symmetric {
		r.D2 = rapid.IntRange(3, 14).Draw(t, "d2")
	}
	r.Rank = rapid.IntRange(1, min(r.D1, r.D2)).Draw(t, "r")
	r.TruthRank = rapid.IntRange(1, r.Rank).Draw(t, "r*")
	q := RowPenalty{}
	if rapid.Bool().Draw(t, "penalty") {
		q = RowPenalty{Lambda: rapid.Float64Range(0.01, 2).Draw(t, "λ"), Alpha: rapid.Float64Range(0.2, 4).Draw(t, "α")}
	}
	if q.Lambda > 0 && !r.Symmetric && rapid.Bool().Draw(t, "two sides") {
		q.LambdaV, q.AlphaV = 0.7*q.Lambda, 1.5*q.Alpha
	}
	c = completionCase(t, r, q)
	x = lr.NewPoint(c.Problem)
	rng := lr.Stream(seed, "point")
	x.U.Copy(lr.NormalMatrix(rng, r.D1, r.Rank))
	if x.V != nil {
		x.V.Copy(lr.NormalMatrix(rng, r.D2, r.Rank))
	}
	x.Scale(rapid.SampledFrom([]float64{0, 0.01, 0.5, 1, 3}).Draw(t, "size"))
	return c, x, seed
}

// The terms add up to the curvature at any point, with the regulariser and
// without, and the end follows where the lemmas hold.
func TestCompletionChain(t *testing.T) {
	ended := 0
	rapid.Check(t, func(t *rapid.T) {
		c, x, seed := drawnCompletion(t)
		n, err := CompletionChain(c, x)
		if err != nil {
			t.Fatal(err)
		}
		sure(t, seed, n.Identity)
		if n.End.Applies() == Yes {
			ended++
			sure(t, seed, n.End)
		}
		if n.RowNorm.Bound.Applies() != No {
			sure(t, seed, n.RowNorm.Bound)
		}
		if d := n.Point.Distance * n.Point.Distance; math.Abs(d-n.Direction.SqDelta) > 1e-12*(1+d) {
			t.Fatalf("seed %d: ‖Δ‖² is %g and %g", seed, d, n.Direction.SqDelta)
		}
	})
	if ended < 10 {
		t.Errorf("the end was looked at %d times only", ended)
	}
}

// naiveForms is A:H:A of ΔΔᵀ and of the error, entry by entry over the d×d
// matrices of the lift.
func naiveForms(c CompletionCase, x *lr.Factors) (dhd, ehe float64) {
	l, _ := lr.LeastSquaresOf(lr.UnregularisedOf(c.Problem))
	truth, _ := lr.TruthOf(c.Problem)
	a, _ := Align(x, truth)
	one := make([]float64, len(l.B))
	d1, d2 := x.Dims()
	form := func(m *mat.Dense) float64 { // of a d1×d2 matrix
		lr.DenseEvalOf(l.Operator).ApplyDense(one, m, nil)
		var s float64
		for _, v := range one {
			s += v * v
		}
		return s * l.Weight
	}
	lifted := func(n *mat.Dense) float64 {
		if x.Symmetric() {
			return form(n)
		}
		s := 4 * form(mat.DenseCopyOf(n.Slice(0, d1, d1, d1+d2)))
		for i := range d1 + d2 {
			for j := range d1 + d2 {
				sign := 1.0
				if (i < d1) != (j < d1) {
					sign = -1
				}
				s += sign * n.At(i, j) * n.At(i, j)
			}
		}
		return s
	}
	var dd, e, es mat.Dense
	delta, w, ws := stacked(a.Delta), stacked(x), stacked(a.Nearest)
	dd.Mul(delta, delta.T())
	e.Mul(w, w.T())
	es.Mul(ws, ws.T())
	e.Sub(&e, &es)
	return lifted(&dd), lifted(&e)
}

func TestDirectionCurvatureTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, x, seed := drawnCompletion(t)
		n, err := DirectionCurvature(c, x)
		if err != nil {
			t.Fatal(err)
		}
		dhd, ehe := naiveForms(c, x)
		if size := 1e-11 * (1 + n.Bound.Scale); math.Abs(n.DHD-dhd) > size || math.Abs(n.EHE-ehe) > size {
			t.Fatalf("seed %d: DHD %g, EHE %g; entry by entry %g, %g", seed, n.DHD, n.EHE, dhd, ehe)
		}
	})
}

// With all entries observed H is the identity, and Lemma 10 holds anywhere, with
// 2(√2−1) = 0.828 in place of 0.3: in 10,000 instances and by climbing, which
// comes near it.
func TestDirectionAllObserved(t *testing.T) {
	const seed = 11
	least := math.Inf(1)
	rng := lr.Stream(seed, "all observed")
	var cases []CompletionCase
	for k := range 20 {
		cases = append(cases, completionCase(t, problem.RandomCompletion{D1: 2 + k%3, D2: 2 + k%3, Rank: 1 + k%2, P: 1, Symmetric: k%4 < 2, Seed: uint64(k)}, RowPenalty{}))
	}
	at := func(c CompletionCase, v []float64) float64 {
		x := lr.NewPoint(c.Problem)
		n := copy(x.U.RawMatrix().Data, v)
		if x.V != nil {
			copy(x.V.RawMatrix().Data, v[n:])
		}
		d, err := DirectionCurvature(c, x)
		if err != nil {
			t.Fatal(err)
		}
		if d.Bound.Residual() > 0 {
			t.Errorf("seed %d: %v", seed, d.Bound)
		}
		return d.Constant
	}
	for k := range 10000 {
		v := make([]float64, 16)
		size := math.Pow(10, 2*rng.Float64()-1)
		for i := range v {
			v[i] = size * rng.NormFloat64()
		}
		least = math.Min(least, at(cases[k%len(cases)], v))
	}
	worst, _ := maximise(rng, 2, 3, 700, func(v []float64) float64 { return -at(cases[0], v) })
	limit := 2 * (math.Sqrt2 - 1)
	if least < limit-1e-9 || -worst < limit-1e-9 || -worst > 1.15*limit {
		t.Errorf("seed %d: the least constant is %g, by climbing %g; want at least %g, and not far above", seed, least, -worst, limit)
	}
}

func TestRowBound(t *testing.T) {
	c := completionCase(t, problem.RandomCompletion{D1: 9, D2: 6, Rank: 2, P: 0.8, Seed: 4}, RowPenalty{Lambda: 0.1, Alpha: 3})
	c.Lower = 0.1
	truth, _ := lr.TruthOf(c.Problem)
	x := truth.Clone()
	x.U.Set(3, 0, 40)
	b, err := RowBound(c, x)
	if err != nil {
		t.Fatal(err)
	}
	left, err := Incoherence(truth, 2)
	if err != nil {
		t.Fatal(err)
	}
	row := x.U.RawRowView(3)
	agrees(t, "the longest row", b.MaxRow, row[0]*row[0]+row[1]*row[1], 1e-13)
	kappa := left.Sigma[0] / left.Sigma[1]
	unit := math.Pow(left.Mu*2, 1.5) * kappa * left.Sigma[0]
	agrees(t, "unit", b.Unit, unit/9, 1e-10)
	agrees(t, "unit of V", b.UnitV, unit/6, 1e-10)
	agrees(t, "ratio", b.Ratio, b.MaxRow/(unit/9), 1e-10)
	if len(b.Hypotheses) != 6 {
		t.Fatalf("hypotheses %v", b.Hypotheses)
	}
	agrees(t, "sampling", b.Hypotheses[1].Value, 0.8*6/(left.Mu*2*math.Log(9)), 1e-10)
	if b.Hypotheses[0].Holds != Yes || b.Hypotheses[1].Holds != answer(b.Hypotheses[1].Value >= 0.1) || b.Hypotheses[2].Holds != Unknown {
		t.Errorf("hypotheses %v", b.Hypotheses)
	}
	agrees(t, "α² in its unit", b.Hypotheses[2].Value, 9/(left.Mu*2/9*left.Sigma[0]), 1e-10)
	agrees(t, "λ in its unit", b.Hypotheses[3].Value, 0.1*left.Mu*2/9*kappa, 1e-10)
	c.Epsilon = 1e-6
	if b, err = RowBound(c, x); err != nil || b.Hypotheses[0].Holds != No {
		t.Errorf("a gradient of %v is at most 1e-6: %v", b.Hypotheses[0], err)
	}
}

// The identity fails where the case names another Q than the problem has.
func TestCompletionChainSeesAnotherQ(t *testing.T) {
	c := completionCase(t, problem.RandomCompletion{D1: 6, D2: 6, Rank: 2, P: 0.9, Symmetric: true, Seed: 2}, RowPenalty{Lambda: 1, Alpha: 0.3})
	x := &lr.Factors{U: lr.NormalMatrix(lr.Stream(1, "x"), 6, 2)}
	right, err := CompletionChain(c, x)
	c.Penalty.Lambda = 2
	wrong, err2 := CompletionChain(c, x)
	if err != nil || err2 != nil || !right.Identity.Holds(1e-12) || wrong.Identity.Holds(1e-6) {
		t.Errorf("with the problem's Q %v, %v; with another %v, %v", right.Identity, err, wrong.Identity, err2)
	}
}

func TestCompletionInput(t *testing.T) {
	good := completionCase(t, problem.RandomCompletion{D1: 4, D2: 3, Rank: 2, P: 1, Seed: 2}, RowPenalty{})
	x := lr.NewPoint(good.Problem)
	nan := x.Clone()
	nan.V.Set(0, 1, math.NaN())
	noTruth, err := problem.Completion{D1: 4, D2: 3, Rank: 2, Rows: []int{0, 1}, Cols: []int{0, 1}, Values: []float64{1, 2}}.New()
	if err != nil {
		t.Fatal(err)
	}
	zero, err := problem.Completion{D1: 2, D2: 2, Rank: 1, Rows: []int{0}, Cols: []int{0}, Values: []float64{0}, Truth: lr.NewFactors(2, 2, 1)}.New()
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(c *CompletionCase)) CompletionCase {
		c := good
		change(&c)
		return c
	}
	for name, c := range map[string]struct {
		c    CompletionCase
		x    *lr.Factors
		want error
	}{
		"no problem":     {CompletionCase{}, x, lr.ErrEmpty},
		"no point":       {good, nil, lr.ErrShape},
		"other rank":     {good, lr.NewFactors(4, 3, 1), lr.ErrShape},
		"NaN":            {good, nan, lr.ErrValue},
		"no truth":       {CompletionCase{Problem: noTruth}, lr.NewPoint(noTruth), lr.ErrAbility},
		"no form":        {CompletionCase{Problem: lr.Funcs{D1: 4, D2: 3, Rank: 2, GradFunc: zeroGrad, TruthValue: x}}, x, lr.ErrAbility},
		"M* = 0":         {CompletionCase{Problem: zero}, lr.NewPoint(zero), lr.ErrRank},
		"P < 0":          {with(func(c *CompletionCase) { c.P = -1 }), x, lr.ErrValue},
		"ε = NaN":        {with(func(c *CompletionCase) { c.Epsilon = math.NaN() }), x, lr.ErrValue},
		"Lower infinite": {with(func(c *CompletionCase) { c.Lower = math.Inf(1) }), x, lr.ErrValue},
		"λ < 0":          {with(func(c *CompletionCase) { c.Penalty.Lambda = -1 }), x, lr.ErrValue},
	} {
		if _, err := CompletionChain(c.c, c.x); !errors.Is(err, c.want) {
			t.Errorf("CompletionChain, %s: %v, want %v", name, err, c.want)
		}
		if _, err := RowBound(c.c, c.x); !errors.Is(err, c.want) {
			t.Errorf("RowBound, %s: %v, want %v", name, err, c.want)
		}
		if _, err := DirectionCurvature(c.c, c.x); !errors.Is(err, c.want) && name != "M* = 0" {
			t.Errorf("DirectionCurvature, %s: %v, want %v", name, err, c.want)
		}
	}
}

func zeroGrad(dst, _ *lr.Factors) float64 {
	if dst != nil {
		dst.Scale(0)
	}
	return 0
}
