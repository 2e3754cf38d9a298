package solver

import (
	"context"
	"math"
)

// window is the number of values that RuleBarzilaiBorwein looks back on.
const window = 10

// secant is what RuleBarzilaiBorwein remembers beside the point.
type secant struct {
	past   []float64 // the last values, in a ring; unused places are −Inf
	at     int       // place of the next value
	second bool      // the next length is ⟨s,y⟩/⟨y,y⟩
}

func newSecant(loss float64) *secant {
	b := &secant{past: make([]float64, window)}
	for i := range b.past {
		b.past[i] = math.Inf(-1)
	}
	b.remember(loss)
	return b
}

func (b *secant) saved() []any { return []any{b.past, &b.at, &b.second} }

func (b *secant) remember(loss float64) {
	b.past[b.at] = loss
	b.at = (b.at + 1) % len(b.past)
}

// largest is the largest of the last values.
func (b *secant) largest() float64 {
	m := b.past[0]
	for _, v := range b.past[1:] {
		m = math.Max(m, v)
	}
	return m
}

// barzilaiBorwein takes a step and finds the length of the next.
func (s *gdState) barzilaiBorwein(ctx context.Context) error {
	b := s.secant
	before := s.norm
	if err := s.search(ctx, b.largest(), 1e-4, 2); err != nil {
		return err
	}
	b.remember(s.loss)
	s.step = s.nextLength(before)
	return nil
}

// nextLength returns the secant length, which for s = −t·g⁻ needs ⟨g⁻, g⟩
// alone. Where the objective curves down along the step it is twice the last
// length, and it never changes by more than a factor of 10⁶.
func (s *gdState) nextLength(before float64) float64 {
	t := s.taken
	cross := s.nextGrad.Dot(s.grad) // the gradient before lies in the room for the next
	gg := float64(before * before)
	sy := gg - cross // ⟨s,y⟩/t
	yy := gg - 2*cross + float64(s.norm*s.norm)
	s.secant.second = !s.secant.second
	next := t * gg / sy
	if !s.secant.second {
		next = t * sy / yy
	}
	if !(sy > 0 && finite(next)) {
		return 2 * t
	}
	return math.Min(math.Max(next, 1e-6*t), 1e6*t)
}
