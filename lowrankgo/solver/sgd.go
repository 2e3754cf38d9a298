package solver

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// SGD is stochastic gradient descent over batches of the objective's terms, such
// as measurements or observed entries. One Step is one pass over the data:
//
//	x ← x − η_k·(n/|B|) Σ_{i∈B} ∇fᵢ(x)   for each batch B of a random division
//	                                     of the n terms
//	η_k = η/(1 + Decay·k)                in pass k = 0, 1, …
//
// (Robbins, Monro 1951, without replacement). After the pass the value and the
// gradient of the whole objective are computed, so that the trace is that of
// any other method.
//
// With a Step the method is what the formula says: where all terms can be 0 at
// once, as without noise, a small enough constant step converges linearly (Ma,
// Bassily, Belkin 2018, arXiv:1712.06559); elsewhere the error settles at O(η),
// and Decay > 0 takes it down. Without one, η begins at 1/L, L an estimate of
// the largest curvature of a batch, and is ours: a pass that does not lower the
// objective is undone and taken again with half the step, and after each pass
// that does the step grows by a tenth. So the default converges with noise too.
//
// It needs lowrankgo.BatchesOf. A step costs two gradients and, for each batch,
// the size of the factors; it looks at its context before each batch and
// allocates nothing. It keeps one number a term.
type SGD struct {
	Batch int     // terms in a batch, at most all; default d1 + d2
	Step  float64 // η; default: found and adapted
	Decay float64 // ≥ 0; default 0
	Seed  uint64  // of the order
}

// Name prints the parameters.
func (g SGD) Name() string { return "SGD" + g.config().String() }

func (g SGD) config() passConfig {
	return passConfig{method: "SGD", batch: g.Batch, step: g.Step, decay: g.Decay, seed: g.Seed}
}

// Start evaluates p at x0 and, when the step is to be found, some batches
// beside it. A problem without batches and a field out of range are errors.
func (g SGD) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	c := g.config()
	if err := c.check(); err != nil {
		return nil, err
	}
	if _, ok := lr.BatchesOf(p); !ok {
		return nil, fmt.Errorf("solver: SGD needs %v; NoisySGD and GD do without: %w", lr.AbilityBatches, lr.ErrAbility)
	}
	s := newPasses(c, p, x0)
	s.accepts = func(loss float64) bool { return loss < s.loss }
	s.grow = 1.1
	return s, nil
}
