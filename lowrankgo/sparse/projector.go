package sparse

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
	"gonum.org/v1/gonum/mat"
)

// Projector projects matrices of one shape again and again; after the first
// time it allocates nothing, unless more entries are chosen than ever before.
// It must not be used by two goroutines at once.
type Projector struct {
	d1, d2 int
	set    lr.SparseSet
	rule   chooser
}

// chooser is a rule at work.
type chooser interface {
	// choose sets dst to the projection of x; dst has the shape and an empty
	// list of entries, with RowFrom all 0.
	choose(ctx context.Context, dst *lr.Sparse, x mat.Matrix) error
}

// NewProjector returns a Projector of d1×d2 matrices onto set. Its errors are
// those of [lr.SparseSet.Check], and a rule or a shape that is none.
func NewProjector(d1, d2 int, set lr.SparseSet, rule Rule) (*Projector, error) {
	if d1 < 1 || d2 < 1 || d1 > math.MaxInt32 || d2 > math.MaxInt32 {
		return nil, fmt.Errorf("sparse: a projection of %d×%d matrices is wanted; both sides must be at least 1 and below 2³¹: %w", d1, d2, lr.ErrShape)
	}
	if err := set.Check(d1, d2); err != nil {
		return nil, err
	}
	p := &Projector{d1: d1, d2: d2, set: set.Filled()}
	switch rule {
	case Threshold:
		p.rule = newThreshold(d1, d2, p.set)
	case Greedy:
		p.rule = newGreedy(d1, d2, p.set)
	case Exact:
		p.rule = newExact(d1, d2, p.set)
	default:
		return nil, fmt.Errorf("sparse: rule %d is none; Threshold, Greedy or Exact is wanted: %w", int(rule), lr.ErrValue)
	}
	return p, nil
}

// Project sets dst to the projection of x, as [Project] does, using dst's
// memory. After an error dst holds nothing of use.
func (p *Projector) Project(ctx context.Context, dst *lr.Sparse, x mat.Matrix) error {
	if r, c := x.Dims(); r != p.d1 || c != p.d2 {
		return fmt.Errorf("sparse: a projection of %d×%d matrices was given one of %d×%d: %w", p.d1, p.d2, r, c, lr.ErrShape)
	}
	if err := stopped(ctx); err != nil {
		return err
	}
	dst.D1, dst.D2 = p.d1, p.d2
	if cap(dst.RowFrom) < p.d1+1 {
		dst.RowFrom = make([]int, p.d1+1)
	}
	dst.RowFrom = dst.RowFrom[:p.d1+1]
	clear(dst.RowFrom)
	dst.Col, dst.Value = dst.Col[:0], dst.Value[:0]
	return p.rule.choose(ctx, dst, x)
}

// clip is the member of [−limit, limit] next to v.
func clip(v, limit float64) float64 { return max(-limit, min(limit, v)) }

// room counts the observed entries of each line of x and sets rows and cols to
// how many of them S may have. It refuses infinite entries.
func room(rows, cols []int32, x mat.Matrix, buf []float64, set lr.SparseSet) error {
	clear(cols)
	for i := range rows {
		n := int32(0)
		for j, v := range tiles.Row(x, buf, i, 0, len(cols)) {
			switch {
			case math.IsInf(v, 0):
				return infinite(i, j, v)
			case v == v:
				n++
				cols[j]++
			}
		}
		rows[i] = int32(set.Most(int(n)))
	}
	for j, n := range cols {
		cols[j] = int32(set.Most(int(n)))
	}
	return nil
}
