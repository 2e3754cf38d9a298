package solver

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
)

// passConfig is what the stochastic methods have in common.
type passConfig struct {
	method             string
	batch              int
	step, decay, noise float64
	seed               uint64
}

func (c passConfig) String() string {
	parts := []string{"step found"}
	if c.step > 0 {
		parts[0] = fmt.Sprintf("step %g", c.step)
	}
	if c.decay > 0 {
		parts = append(parts, fmt.Sprintf("decay %g", c.decay))
	}
	if c.noise > 0 {
		parts = append(parts, fmt.Sprintf("noise %g", c.noise))
	}
	if c.batch > 0 {
		parts = append(parts, fmt.Sprintf("batch %d", c.batch))
	}
	return fmt.Sprintf("(%s, seed %d)", strings.Join(parts, ", "), c.seed)
}

func (c passConfig) check() error {
	if c.batch < 0 {
		return fmt.Errorf("solver: %s has Batch = %d; at least 1 term is wanted, or 0 for the default: %w", c.method, c.batch, lr.ErrValue)
	}
	for _, f := range []struct {
		name string
		v    float64
	}{{"Step", c.step}, {"Decay", c.decay}, {"Noise", c.noise}} {
		if err := checkNumber(c.method, f.name, f.v, math.Inf(1)); err != nil {
			return err
		}
	}
	return nil
}

// passes is the state of a stochastic method: a Step is a pass over the data.
type passes struct {
	walk
	batches lr.Batches // eval, nil when there are none
	order   []int      // the terms, shuffled
	count   int        // batches in a pass
	g       *lr.Factors
	src     *rand.ChaCha8
	rng     *rand.Rand // of src

	found   bool                    // the step is ours to change
	accepts func(loss float64) bool // whether a pass with a found step stays
	grow    float64                 // by how much a found step grows after a pass
	base    float64                 // η
	decay   float64
	pass    int     // k
	noise   float64 // radius of ξ, 0: none
	bound   float64 // of the values that accepts accepts
	xi      *lr.Factors
}

// newPasses evaluates p at x0 and finds the step unless it is given.
func newPasses(c passConfig, p lr.Problem, x0 *lr.Factors) *passes {
	s := &passes{walk: newWalk(p, x0), g: lr.NewPoint(p), src: lr.StreamSource(c.seed, "stochastic gradients"), decay: c.decay, count: 1, base: c.step, found: c.step == 0}
	s.rng = rand.New(s.src)
	if b, ok := lr.BatchesOf(p); ok {
		s.eval, s.batches = b, b
		n := b.Terms()
		if c.batch == 0 {
			d1, d2, _ := p.Dims()
			c.batch = d1 + d2
		}
		c.batch = min(c.batch, n)
		s.order, s.count = make([]int, n), (n+c.batch-1)/c.batch
	}
	if s.found {
		s.base = s.safeStep(c.seed)
	}
	return s
}

// State lists what the next step depends on; the order is drawn anew.
func (s *passes) State() []any {
	return append(s.saved(), s.src, &s.base, &s.pass, &s.noise, &s.bound)
}

// shuffle draws the order of the terms.
func (s *passes) shuffle(rng *rand.Rand) {
	for i := range s.order {
		s.order[i] = i
	}
	for i := len(s.order) - 1; i > 0; i-- {
		j := rng.IntN(i + 1)
		s.order[i], s.order[j] = s.order[j], s.order[i]
	}
}

// Step takes one pass. With a step that is found it returns ErrNoProgress when
// no length gives a pass that stays.
func (s *passes) Step(ctx context.Context) error {
	from, base := *s.src, s.base
	for tries := 1; tries <= 60; tries++ {
		eta := base / (1 + s.decay*float64(s.pass))
		s.nextX.CopyFrom(s.x)
		if err := s.run(ctx, eta); err != nil {
			*s.src = from
			return err
		}
		loss := s.eval.Grad(s.nextGrad, s.nextX)
		if !s.found || s.accepts(loss) {
			s.evals += 2 * tries
			s.accept(loss, eta)
			s.base = base
			if s.found && tries == 1 {
				s.base *= s.grow
			}
			s.pass++
			return nil
		}
		if s.nextX.Equal(s.x) {
			break
		}
		base /= 2
	}
	*s.src = from
	return lr.ErrNoProgress
}

// run moves nextX by one pass with the step eta.
func (s *passes) run(ctx context.Context, eta float64) error {
	if s.batches == nil {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.move(eta, s.grad)
		return nil
	}
	s.shuffle(s.rng)
	for b := range s.count {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.batches.GradBatch(s.g, s.nextX, s.batch(b))
		s.move(eta, s.g)
	}
	return nil
}

// batch returns the terms of batch b: sizes differ by one at most.
func (s *passes) batch(b int) []int {
	lo, hi := par.Bounds(len(s.order), s.count, b)
	return s.order[lo:hi]
}

// move takes nextX to nextX − η(g + ξ).
func (s *passes) move(eta float64, g *lr.Factors) {
	s.nextX.AddScaled(-eta, g)
	if s.noise == 0 {
		return
	}
	drawNormal(s.xi, s.rng)
	if size := s.xi.Norm(); size > 0 {
		s.nextX.AddScaled(-eta*s.noise/size, s.xi)
	}
}

// safeStep is 1/L with L the largest curvature found of some batches near x:
// power iterations on differences of their gradients. It is 1 where there is
// none.
func (s *passes) safeStep(seed uint64) float64 {
	rng := lr.Stream(seed, "curvature")
	s.shuffle(rng)
	gradient := func(dst, x *lr.Factors, b int) {
		if s.batches == nil {
			s.eval.Grad(dst, x)
		} else {
			s.batches.GradBatch(dst, x, s.batch(b))
		}
	}
	here, there, v, y := s.nextX, s.g, s.nextGrad, s.x.Clone()
	reach := 1e-4 * math.Max(s.x.Norm(), 1e-4)
	var most float64
	for b := range min(3, s.count) {
		gradient(here, s.x, b)
		drawNormal(v, rng)
		for range 6 {
			h := reach / v.Norm()
			y.CopyFrom(s.x)
			y.AddScaled(h, v)
			gradient(there, y, b)
			there.AddScaled(-1, here)
			change := there.Norm()
			if !(change > 0 && finite(change)) {
				break
			}
			most = math.Max(most, change/reach)
			v, there = there, v
		}
	}
	s.evals++
	if step := 1 / most; finite(step) {
		return step
	}
	return 1
}
