package theory

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// distributedItems are those of [L] about a network: Lemma III.1, its corollary,
// and what noise does.
func distributedItems() []Item {
	return []Item{
		{
			Name:       "[L] Lemma III.1",
			Statement:  "at every point of (II.5) Σ⟨Uʲ, ∂g/∂Uʲ⟩ − Σ⟨Vⱼ, ∂g/∂Vⱼ⟩ = 2Σ w_ij‖Uⁱ − Uʲ‖² over the edges (4 with ordered pairs), so critical ⇒ consensus",
			Functions:  []string{"landscape.Consensus.Identity"},
			Tests:      []string{"landscape.TestConsensusVectors", "landscape.TestConsensusIdentityHolds", "landscape.TestConsensusAgreementAdversary", "landscape.TestConsensusRegularised"},
			Hypotheses: "parts without regularisers; for the conclusion a connected network",
			Measure:    measureConsensus,
		}, {
			Name:       "[L] Cor III.1",
			Statement:  "critical points of (II.5) are consensus points critical for (II.3), not conversely; on consensus directions both Hessians agree",
			Functions:  []string{"landscape.Consensus.Identity", "landscape.Consensus.Curvature", "landscape.Consensus.LambdaMin"},
			Tests:      []string{"landscape.TestConsensusVectors", "landscape.TestConsensusNotConversely", "landscape.TestConsensusGradient"},
			Hypotheses: "U¹ = … = Uᴶ",
			Measure:    measureTransfer,
		}, {
			Name:      "Remark, [L] (II.5) with noise",
			Statement: "along ({tUʲ}, {Vⱼ/t}), t → 0, the penalty vanishes as t²: without a common X* (II.5) falls below the least value of (II.3), and has no minimiser",
			Functions: []string{"landscape.Consensus.AlongScaling"},
			Tests:     []string{"landscape.TestConsensusScaling"},
			Measure:   measureScaling,
		},
	}
}

// factorisingNodes makes a network of J = 2 … 5 nodes of ½‖UVⱼᵀ − Aⱼ‖² over a ring
// and random chords, and the matrix [A1, …, AJ]. The columns of a node are at
// least as many as the rank.
func factorisingNodes(rng *rand.Rand, r int, column func(d1, m int) *mat.Dense) (landscape.Consensus, *mat.Dense, error) {
	count, d1 := 2+rng.IntN(4), r+1+rng.IntN(6)
	w, whole := mat.NewDense(count, count, nil), new(mat.Dense)
	c := landscape.Consensus{Weights: w, OrderedPairs: rng.IntN(2) == 1}
	for j := range count {
		a := column(d1, r+rng.IntN(3))
		p, err := problem.Factorisation{A: a, Rank: r}.New()
		if err != nil {
			return c, nil, err
		}
		c.Parts = append(c.Parts, p)
		if j == 0 {
			whole = mat.DenseCopyOf(a)
			continue
		}
		var next mat.Dense
		next.Augment(whole, a)
		whole = mat.DenseCopyOf(&next)
		for i := range j {
			if i == j-1 || rng.IntN(2) == 0 {
				v := 0.1 + rng.Float64()
				w.Set(i, j, v)
				w.Set(j, i, v)
			}
		}
	}
	return c, whole, nil
}

// noisy draws columns without a common space.
func noisy(rng *rand.Rand) func(d1, m int) *mat.Dense {
	return func(d1, m int) *mat.Dense { return lr.NormalMatrix(rng, d1, m) }
}

// cut returns the Vⱼ of V = [V1; …; VJ].
func cut(parts []lr.Problem, v *mat.Dense) []*mat.Dense {
	var out []*mat.Dense
	at, r := 0, v.RawMatrix().Cols
	for _, p := range parts {
		_, m, _ := p.Dims()
		out = append(out, mat.DenseCopyOf(v.Slice(at, at+m, 0, r)))
		at += m
	}
	return out
}

// repeated is u for each part.
func repeated(parts []lr.Problem, u *mat.Dense) []*mat.Dense {
	out := make([]*mat.Dense, len(parts))
	for j := range out {
		out[j] = u
	}
	return out
}

func measureConsensus(ctx context.Context, e Effort) (Measurement, error) {
	t := newTally()
	m, err := t.ensemble(ctx, e.instances(800), func(i int) error {
		rng := lr.Stream(e.Seed, "consensus", uint64(i))
		r := 1 + rng.IntN(3)
		c, whole, err := factorisingNodes(rng, r, noisy(rng))
		if err != nil {
			return err
		}
		d1, d2 := whole.Dims()
		var us []*mat.Dense
		for range c.Parts {
			us = append(us, lr.NormalMatrix(rng, d1, r))
		}
		n, err := c.Identity(us, cut(c.Parts, lr.NormalMatrix(rng, d2, r)))
		if err != nil {
			return err
		}
		t.add(n.Identity)
		t.add(n.Agreement)
		return nil
	})
	if err == nil {
		m.Met = t.describeMet()
		m.Note = "inequality: 2Σ w_ij‖Uⁱ − Uʲ‖² ≤ ‖∇g‖·‖({Uʲ}, {Vⱼ})‖, which makes a small gradient mean a small disagreement"
	}
	return m, err
}

// measureTransfer looks at consensus points: random ones, common minimisers, and
// minimisers of (II.3) over nodes without a common X*.
func measureTransfer(ctx context.Context, e Effort) (Measurement, error) {
	t := newTally()
	converse := 0
	m, err := t.ensemble(ctx, e.instances(400), func(i int) error {
		rng := lr.Stream(e.Seed, "transfer", uint64(i))
		r := 1 + rng.IntN(2)
		c, whole, err := factorisingNodes(rng, r, noisy(rng))
		if err != nil {
			return err
		}
		x, err := minimiserOr(whole, r, rng, i%2 == 0)
		if err != nil {
			return err
		}
		vs := cut(c.Parts, x.V)
		n, err := c.Identity(repeated(c.Parts, x.U), vs)
		if err != nil {
			return err
		}
		t.add(n.Identity)
		t.add(n.Transfer)
		if n.Separable < 1e-10 && n.GradNorm > 1e-3 {
			converse++
		}
		return sameCurvature(t, c, x, vs, rng)
	})
	if err == nil {
		m.Met = t.describeMet()
		m.Note = fmt.Sprintf("residual: of both Hessians along consensus directions, also against problem.Separable; inequality: ‖∇(II.3)‖ ≤ √J‖∇(II.5)‖; not conversely: %s points are critical for (II.3) and not for (II.5)", grouped(converse))
	}
	return m, err
}

// minimiserOr is a minimiser of (II.3), the best approximation of the whole matrix,
// or a random point.
func minimiserOr(whole *mat.Dense, r int, rng *rand.Rand, minimiser bool) (*lr.Factors, error) {
	p, err := problem.Factorisation{A: whole, Rank: r}.New()
	if err != nil {
		return nil, err
	}
	if truth, ok := lr.TruthOf(p); ok && minimiser && truth.Rank() == r {
		return truth.Clone(), nil
	}
	return normalPoint(rng, p, 1), nil
}

// sameCurvature compares the Hessians of (II.5) and of (II.3), as the library's own
// problem has it, along a random consensus direction.
func sameCurvature(t *tally, c landscape.Consensus, x *lr.Factors, vs []*mat.Dense, rng *rand.Rand) error {
	p, err := problem.Separable{Parts: c.Parts}.New()
	if err != nil {
		return err
	}
	d := normalPoint(rng, p, 1)
	check, err := c.Curvature(x.U, vs, d.U, cut(c.Parts, d.V))
	if err != nil {
		return err
	}
	t.add(check)
	hess, _ := lr.HessVecOf(p)
	hd := lr.NewPoint(p)
	hess.HessVec(hd, x, d)
	t.residual(math.Abs(check.Left-d.Dot(hd)) / check.Scale)
	return nil
}

// measureScaling starts where each node has its own best fit, and takes t to 1e-4.
func measureScaling(ctx context.Context, e Effort) (Measurement, error) {
	t := newTally()
	m, err := t.ensemble(ctx, e.instances(400), func(i int) error {
		rng := lr.Stream(e.Seed, "scaling", uint64(i))
		r := 1 + rng.IntN(2)
		c, whole, err := factorisingNodes(rng, r, noisy(rng))
		if err != nil {
			return err
		}
		p, err := problem.Factorisation{A: whole, Rank: r}.New()
		if err != nil {
			return err
		}
		best, _ := lr.TruthOf(p)
		least := p.NewEval().Grad(nil, best) // the minimum of (II.3)
		var us, vs []*mat.Dense
		var apart float64 // the sum of the nodes' own minima
		for _, part := range c.Parts {
			own, _ := lr.TruthOf(part)
			us, vs = append(us, own.U), append(vs, own.V)
			apart += part.NewEval().Grad(nil, own)
		}
		values, err := c.AlongScaling(us, vs, 1, 1e-2, 1e-4)
		if err != nil {
			return err
		}
		// What is above the nodes' own minima is t² of what it was.
		t.residual(math.Abs((values[1]-apart)-1e-4*(values[0]-apart)) / values[0])
		if !(values[2] < least) {
			t.m.Violations++
		}
		t.constant = append(t.constant, values[2]/least)
		return nil
	})
	if err == nil {
		m.Constant = t.median("(II.5) at t = 1e-4 over the least value of (II.3)")
		m.Note = "residual: of the law t² for what is above the nodes' own minima; a violation would be a value above the minimum of (II.3) at t = 1e-4"
	}
	return m, err
}
