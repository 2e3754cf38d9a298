package landscape

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// nodes makes the parts ½‖𝒜ⱼ(UVⱼᵀ − Xⱼ)‖² of a lemma31 case, some of which have
// fewer columns than rank.
func (c liftVector) nodes(testing.TB) []lr.Problem {
	var parts []lr.Problem
	for j, as := range c.Ajs {
		var all []*mat.Dense
		for _, a := range as {
			all = append(all, rowsMatrix(a))
		}
		parts = append(parts, quadraticPart(rowsMatrix(c.Xjs[j]), len(c.Us[0][0]), func(e *mat.Dense) *mat.Dense {
			r, k := e.Dims()
			out := mat.NewDense(r, k, nil)
			var term mat.Dense
			for _, a := range all {
				term.Scale(linalg.Dot(a, e), a)
				out.Add(out, &term)
			}
			return out
		}))
	}
	return parts
}

func matrices(list [][][]float64) []*mat.Dense {
	var out []*mat.Dense
	for _, m := range list {
		out = append(out, rowsMatrix(m))
	}
	return out
}

func TestConsensusVectors(t *testing.T) {
	ctx := context.Background()
	for _, c := range liftVectors(t, "lemma31") {
		t.Run(c.Name, func(t *testing.T) {
			once := Consensus{Parts: c.nodes(t), Weights: rowsMatrix(c.EdgeWeights)}
			pairs := once
			pairs.OrderedPairs = true
			us, vs := matrices(c.Us), matrices(c.Vs)
			for _, k := range []struct {
				name                    string
				of                      Consensus
				left, right, grad, eigs float64
			}{
				{"once", once, c.LhsEdges, c.RhsEdges, c.GradientEdges, c.LambdaEdges},
				{"pairs", pairs, c.LhsPairs, c.RhsPairs, c.GradientPairs, c.LambdaPairs},
			} {
				n, err := k.of.Identity(us, vs)
				noError(t, err)
				vectorNear(t, k.name+": left", n.Identity.Left, k.left)
				vectorNear(t, k.name+": right", n.Identity.Right, k.right)
				holdAll(t, []Check{n.Identity, n.Agreement}, 1e-12)
				if c.GradientSeparable == nil {
					continue
				}
				vectorNear(t, k.name+": ‖∇‖ of (II.5)", n.GradNorm, k.grad)
				vectorNear(t, k.name+": ‖∇‖ of (II.3)", n.Separable, *c.GradientSeparable)
				if n.Transfer.Applies() != Yes || !n.Transfer.Holds(1e-12) {
					t.Error(n.Transfer)
				}
				low, err := k.of.LambdaMin(ctx, us, vs)
				noError(t, err)
				vectorNear(t, k.name+": λmin of (II.5)", low, k.eigs)
				curve, err := k.of.Curvature(us[0], vs, rowsMatrix(c.DirU), matrices(c.DirVs))
				noError(t, err)
				vectorNear(t, k.name+": curvature of (II.5)", curve.Left, c.CurvatureConsensus)
				vectorNear(t, k.name+": curvature of (II.3)", curve.Right, c.CurvatureConsensus)
				if !curve.Holds(1e-13) {
					t.Error(curve)
				}
			}
			if c.GradientSeparable != nil {
				c.separable(t, us[0], vs)
			}
		})
	}
}

// separable holds the case's numbers of (II.3) against the library's own problem.
func (c liftVector) separable(t *testing.T, u *mat.Dense, vs []*mat.Dense) {
	t.Helper()
	p, err := problem.Separable{Parts: c.nodes(t)}.New()
	noError(t, err)
	x := &lr.Factors{U: u, V: stackedRows(vs)}
	g := lr.NewPoint(p)
	p.NewEval().Grad(g, x)
	vectorNear(t, "‖∇‖ of problem.Separable", g.Norm(), *c.GradientSeparable)
	all, err := HessianEigenvalues(context.Background(), p, x)
	noError(t, err)
	vectorNear(t, "λmin of (II.3)", all[0], c.LambdaSeparable)
	h, _ := lr.HessVecOf(p)
	vectorNear(t, "curvature of problem.Separable", quadraticAt(h, x, &lr.Factors{U: rowsMatrix(c.DirU), V: stackedRows(matrices(c.DirVs))}), c.CurvatureConsensus)
}

func stackedRows(list []*mat.Dense) *mat.Dense {
	out := mat.DenseCopyOf(list[0])
	for _, m := range list[1:] {
		var next mat.Dense
		next.Stack(out, m)
		out = mat.DenseCopyOf(&next)
	}
	return out
}

// TestConsensusNotConversely: a point critical for (II.3) that is not one of (II.5),
// where the nodes agree but each wants another U.
func TestConsensusNotConversely(t *testing.T) {
	for _, c := range liftVectors(t, "lemma31") {
		if c.Name != "lemma31/critical_for_separable_only" {
			continue
		}
		n, err := Consensus{Parts: c.nodes(t), Weights: rowsMatrix(c.EdgeWeights)}.Identity(matrices(c.Us), matrices(c.Vs))
		noError(t, err)
		if n.Separable > 1e-14 || n.GradNorm < 0.1 || n.Spread != 0 {
			t.Errorf("‖∇(II.3)‖ = %g, ‖∇(II.5)‖ = %g, spread %g; want 0, 0.126 and 0", n.Separable, n.GradNorm, n.Spread)
		}
		return
	}
	t.Error("the case is not in the file")
}

// TestConsensusScaling: with nodes that disagree, (II.5) falls below the least value of
// (II.3) along (tU, V/t), as t².
func TestConsensusScaling(t *testing.T) {
	for _, c := range liftVectors(t, "lemma31_scaling") {
		n := Consensus{Parts: c.nodes(t), Weights: rowsMatrix(c.EdgeWeights)}
		got, err := n.AlongScaling(matrices(c.Us), matrices(c.Vs), c.TValues...)
		noError(t, err)
		for k, v := range got {
			vectorNear(t, "value", v, c.ValueAlong[k])
		}
		if last := got[len(got)-1]; last > 1e-5*c.MinimumSeparable {
			t.Errorf("the value falls to %g; the minimum of (II.3) is %g", last, c.MinimumSeparable)
		}
		sep, err := problem.Separable{Parts: c.nodes(t)}.New()
		noError(t, err)
		if v := sep.NewEval().Grad(nil, &lr.Factors{U: matrices(c.Us)[0], V: stackedRows(matrices(c.Vs))}); v < c.MinimumSeparable {
			t.Errorf("(II.3) is %g at a point, below its minimum %g", v, c.MinimumSeparable)
		}
	}
}

// drawNetwork draws parts of any widths, also below the rank, a random graph,
// connected or not, and a point.
func drawNetwork(rng *rand.Rand, count, d1, r int) (c Consensus, us, vs []*mat.Dense) {
	w := mat.NewDense(count, count, nil)
	for i := range count {
		for j := range i {
			if rng.Float64() < 0.6 {
				v := rng.ExpFloat64()
				w.Set(i, j, v)
				w.Set(j, i, v)
			}
		}
	}
	c = Consensus{Weights: w, OrderedPairs: rng.IntN(2) == 1}
	for range count {
		m := 1 + rng.IntN(4)
		c.Parts = append(c.Parts, ownQuadratic(rng, d1, m, r))
		us, vs = append(us, lr.NormalMatrix(rng, d1, r)), append(vs, lr.NormalMatrix(rng, m, r))
	}
	return c, us, vs
}

// ownQuadratic is ½‖W∘(UVᵀ − X)‖² for random W and X.
func ownQuadratic(rng *rand.Rand, d1, m, r int) lr.Problem {
	x, w := lr.NormalMatrix(rng, d1, m), lr.NormalMatrix(rng, d1, m)
	return quadraticPart(x, r, func(e *mat.Dense) *mat.Dense {
		var out mat.Dense
		out.MulElem(e, w)
		out.MulElem(&out, w)
		return &out
	})
}

// quadraticPart is ½ E:H:E for E = UVᵀ − X, by functions, which may have fewer
// columns than rank.
func quadraticPart(x *mat.Dense, r int, h func(e *mat.Dense) *mat.Dense) lr.Problem {
	d1, m := x.Dims()
	residual := func(at *lr.Factors) *mat.Dense {
		e := at.Dense()
		e.Sub(e, x)
		return e
	}
	return lr.Funcs{
		D1: d1, D2: m, Rank: r,
		GradFunc: func(dst, at *lr.Factors) float64 {
			e := residual(at)
			g := h(e)
			if dst != nil {
				dst.U.Mul(g, at.V)
				dst.V.Mul(g.T(), at.U)
			}
			return linalg.Dot(e, g) / 2
		},
		HessFunc: func(dst, at, d *lr.Factors) {
			var k, side, a, b mat.Dense
			k.Mul(d.U, at.V.T())
			side.Mul(at.U, d.V.T())
			k.Add(&k, &side)
			g, kh := h(residual(at)), h(&k)
			dst.U.Mul(kh, at.V)
			a.Mul(g, d.V)
			dst.U.Add(dst.U, &a)
			dst.V.Mul(kh.T(), at.U)
			b.Mul(g.T(), d.U)
			dst.V.Add(dst.V, &b)
		},
	}
}

// TestConsensusIdentityHolds: at every point, for every network and every width
// of a node.
func TestConsensusIdentityHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count, d1 := rapid.IntRange(1, 6).Draw(t, "J"), rapid.IntRange(1, 20).Draw(t, "d1")
		r := rapid.IntRange(1, min(d1, 4)).Draw(t, "r")
		rng := lr.Stream(rapid.Uint64().Draw(t, "seed"), "network")
		c, us, vs := drawNetwork(rng, count, d1, r)
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0: // agreement
			for j := range us {
				us[j] = us[0]
			}
		case 1: // 0
			for j := range us {
				us[j].Zero()
				vs[j].Zero()
			}
		}
		n, err := c.Identity(us, vs)
		if err != nil {
			t.Fatal(err)
		}
		for _, check := range []Check{n.Identity, n.Agreement} {
			if !check.Holds(1e-12) {
				t.Fatal(check)
			}
		}
		if n.Transfer.Applies() == Yes && !n.Transfer.Holds(1e-12) {
			t.Fatal(n.Transfer)
		}
		values, err := c.AlongScaling(us, vs, 1)
		if err != nil || math.Abs(values[0]-n.Value) > 1e-12*(1+n.Value) {
			t.Fatalf("value %g, along t = 1 %v, %v", n.Value, values, err)
		}
	})
}

// TestConsensusGradient holds gradient and Hessian products of (II.5) against
// differences of values and of gradients.
func TestConsensusGradient(t *testing.T) {
	rng := lr.Stream(3, "gradient")
	c, us, vs := drawNetwork(rng, 3, 4, 2)
	n, err := c.at(us, vs)
	noError(t, err)
	_, gu, gv := n.gradient(us, vs)
	hess, err := n.hessians()
	noError(t, err)
	du, dv := zeros(us), zeros(vs)
	for _, e := range entriesOf(du, dv) {
		*e = rng.NormFloat64()
	}
	hu, hv := n.product(hess, us, vs, du, dv)
	shift := func(h float64) (u, v []*mat.Dense) {
		u, v = zeros(us), zeros(vs)
		at, from, along := entriesOf(u, v), entriesOf(us, vs), entriesOf(du, dv)
		for k := range at {
			*at[k] = *from[k] + h*(*along[k])
		}
		return u, v
	}
	const h = 1e-4
	up, vp := shift(h)
	um, vm := shift(-h)
	plus, gpu, gpv := n.gradient(up, vp)
	minus, gmu, gmv := n.gradient(um, vm)
	slope := 0.0
	along, g, hd := entriesOf(du, dv), entriesOf(gu, gv), entriesOf(hu, hv)
	gp, gm := entriesOf(gpu, gpv), entriesOf(gmu, gmv)
	for k := range along {
		slope += *along[k] * *g[k]
		if want := (*gp[k] - *gm[k]) / (2 * h); math.Abs(*hd[k]-want) > 1e-5*(1+math.Abs(want)) {
			t.Errorf("Hessian product %d is %g, by differences %g", k, *hd[k], want)
		}
	}
	if want := (plus - minus) / (2 * h); math.Abs(slope-want) > 1e-5*(1+math.Abs(want)) {
		t.Errorf("slope %g, by differences %g", slope, want)
	}
}

// TestConsensusAgreementAdversary climbs on the ratio of the two sides of the
// bound of disagreement.
func TestConsensusAgreementAdversary(t *testing.T) {
	rng := lr.Stream(9, "adversary")
	x := []*mat.Dense{lr.NormalMatrix(rng, 2, 1), lr.NormalMatrix(rng, 2, 1)}
	var parts []lr.Problem
	for _, a := range x {
		p, err := problem.Factorisation{A: a, Rank: 1}.New()
		noError(t, err)
		parts = append(parts, p)
	}
	c := Consensus{Parts: parts, Weights: mat.NewDense(2, 2, []float64{0, 0.7, 0.7, 0})}
	instances := 0
	best, _ := maximise(rng, 6, 10, 1100, func(v []float64) float64 {
		instances++
		us := []*mat.Dense{mat.NewDense(2, 1, append([]float64(nil), v[:2]...)), mat.NewDense(2, 1, append([]float64(nil), v[2:4]...))}
		vs := []*mat.Dense{mat.NewDense(1, 1, []float64{v[4]}), mat.NewDense(1, 1, []float64{v[5]})}
		n, err := c.Identity(us, vs)
		noError(t, err)
		if !n.Agreement.Holds(1e-12) || !n.Identity.Holds(1e-12) {
			t.Fatalf("at %v: %v\n%v", v, n.Agreement, n.Identity)
		}
		return n.Agreement.Left / n.Agreement.Right
	})
	if instances < 10000 || best < 0.4 || best > 1+1e-12 {
		t.Errorf("%d instances, the largest ratio is %g; want one that is not small, and at most 1", instances, best)
	}
}

// TestConsensusRegularised: with a Balance in a part the identity has another
// term, and the hypothesis says so.
func TestConsensusRegularised(t *testing.T) {
	rng := lr.Stream(1, "regularised")
	var parts []lr.Problem
	for range 2 {
		p, err := problem.Factorisation{A: lr.NormalMatrix(rng, 3, 2), Rank: 2}.New()
		noError(t, err)
		b, err := problem.Balance{Of: p, Mu: 1}.New()
		noError(t, err)
		parts = append(parts, b)
	}
	c := Consensus{Parts: parts, Weights: mat.NewDense(2, 2, nil)}
	us := []*mat.Dense{lr.NormalMatrix(rng, 3, 2), lr.NormalMatrix(rng, 3, 2)}
	vs := []*mat.Dense{lr.NormalMatrix(rng, 2, 2), lr.NormalMatrix(rng, 2, 2)}
	n, err := c.Identity(us, vs)
	noError(t, err)
	if n.Identity.Applies() != No || n.Identity.Holds(1e-3) {
		t.Error(n.Identity)
	}
	if n.Agreement.Hypotheses[1].Holds != No {
		t.Errorf("a network without edges is called connected: %v", n.Agreement)
	}
}

func TestConsensusInput(t *testing.T) {
	rng := lr.Stream(2, "input")
	c, us, vs := drawNetwork(rng, 2, 3, 1)
	symmetric, err := problem.GaussianSensing{D1: 3, D2: 3, Rank: 1, M: 9, Symmetric: true}.New()
	noError(t, err)
	nan := mat.DenseCopyOf(us[0])
	nan.Set(0, 0, math.NaN())
	call := func(edit func(c *Consensus, us, vs []*mat.Dense)) error {
		d, u, v := c, append([]*mat.Dense(nil), us...), append([]*mat.Dense(nil), vs...)
		d.Parts = append([]lr.Problem(nil), c.Parts...)
		edit(&d, u, v)
		_, err := d.Identity(u, v)
		return err
	}
	for name, k := range map[string]struct{ got, want error }{
		"no parts":           {Consensus{}.identity(us, vs), lr.ErrEmpty},
		"no weights":         {call(func(c *Consensus, _, _ []*mat.Dense) { c.Weights = nil }), lr.ErrEmpty},
		"weights of 3 nodes": {call(func(c *Consensus, _, _ []*mat.Dense) { c.Weights = mat.NewDense(3, 3, nil) }), lr.ErrShape},
		"asymmetric weights": {call(func(c *Consensus, _, _ []*mat.Dense) { c.Weights = mat.NewDense(2, 2, []float64{0, 1, 2, 0}) }), lr.ErrValue},
		"negative weights":   {call(func(c *Consensus, _, _ []*mat.Dense) { c.Weights = mat.NewDense(2, 2, []float64{0, -1, -1, 0}) }), lr.ErrValue},
		"infinite weights": {call(func(c *Consensus, _, _ []*mat.Dense) {
			c.Weights = mat.NewDense(2, 2, []float64{0, math.Inf(1), math.Inf(1), 0})
		}), lr.ErrValue},
		"nil part":       {call(func(c *Consensus, _, _ []*mat.Dense) { c.Parts[1] = nil }), lr.ErrEmpty},
		"symmetric part": {call(func(c *Consensus, _, _ []*mat.Dense) { c.Parts[1] = symmetric }), lr.ErrShape},
		"another rank":   {call(func(c *Consensus, _, _ []*mat.Dense) { c.Parts[1] = ownQuadratic(rng, 3, 2, 2) }), lr.ErrShape},
		"NaN":            {call(func(_ *Consensus, us, _ []*mat.Dense) { us[0] = nan }), lr.ErrValue},
		"nil U":          {call(func(_ *Consensus, us, _ []*mat.Dense) { us[0] = nil }), lr.ErrShape},
		"rows of V":      {call(func(_ *Consensus, _, vs []*mat.Dense) { vs[0] = mat.NewDense(9, 1, nil) }), lr.ErrShape},
		"one U":          {Consensus{Parts: c.Parts, Weights: c.Weights}.identity(us[:1], vs), lr.ErrShape},
	} {
		if !errors.Is(k.got, k.want) {
			t.Errorf("%s: error %v; want one that wraps %v", name, k.got, k.want)
		}
	}
	for _, s := range []float64{0, -1, math.NaN(), math.Inf(1), 1e-320} {
		if _, err := c.AlongScaling(us, vs, s); !errors.Is(err, lr.ErrValue) {
			t.Errorf("t = %g: error %v", s, err)
		}
	}
	bare := c
	bare.Parts = []lr.Problem{lr.Funcs{D1: 3, D2: 2, Rank: 1, GradFunc: func(_, _ *lr.Factors) float64 { return 0 }}}
	bare.Weights = mat.NewDense(1, 1, nil)
	one, v := us[:1], []*mat.Dense{mat.NewDense(2, 1, nil)}
	if _, err := bare.LambdaMin(context.Background(), one, v); !errors.Is(err, lr.ErrAbility) {
		t.Errorf("no Hessian products: error %v", err)
	}
	if _, err := bare.Curvature(one[0], v, one[0], v); !errors.Is(err, lr.ErrAbility) {
		t.Errorf("no Hessian products: error %v", err)
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.LambdaMin(done, us, vs); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v", err)
	}
}

func (c Consensus) identity(us, vs []*mat.Dense) error { _, err := c.Identity(us, vs); return err }
