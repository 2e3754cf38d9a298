package problem

import (
	"context"
	"math"
	"slices"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
	"gonum.org/v1/gonum/mat"
)

// choice is S by a rule that looks at the whole residual at once.
type choice struct {
	by   *sparse.Projector
	left *mat.Dense // Data − M, NaN where not observed
	s    *lr.Sparse
}

// newChoice makes one for a problem whose set and rule have been checked.
func newChoice(p *Split) *choice {
	by, err := sparse.NewProjector(p.d1, p.d2, p.parts.Set, p.rule)
	if err != nil {
		panic("problem: " + err.Error())
	}
	return &choice{by: by, left: mat.NewDense(p.d1, p.d2, nil), s: &lr.Sparse{}}
}

// choose finds S at the stream's point. A residual that is not finite, whose
// objective is not either, has none.
func (c *choice) choose(s *stream) {
	for i := range s.p.d1 {
		row := c.left.RawRowView(i)
		s.residual(row, i)
	}
	if err := c.by.Project(context.Background(), c.s, c.left); err != nil {
		c.s = &lr.Sparse{D1: s.p.d1, D2: s.p.d2, RowFrom: make([]int, s.p.d1+1)}
	}
}

// remove takes S from row i of the residual, and what follows M from dirs.
func (c *choice) remove(row, dirs []float64, i int, limit float64) {
	cols, values := c.s.Row(i)
	for e, j := range cols {
		v := row[j]
		row[j] = v - values[e]
		if dirs != nil && row[j] == 0 && math.Abs(v) < limit {
			dirs[j] = 0
		}
	}
}

// copyOf is a copy of s in memory of its own.
func copyOf(s *lr.Sparse) *lr.Sparse {
	return &lr.Sparse{
		D1: s.D1, D2: s.D2, RowFrom: slices.Clone(s.RowFrom),
		Col: slices.Clone(s.Col), Value: slices.Clone(s.Value),
	}
}
