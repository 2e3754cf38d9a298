package landscape

import (
	"context"
	"errors"
	"fmt"
	"slices"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/rigid"
)

// CompletableOptions of [Completable]. Nil or zero fields mean their defaults.
type CompletableOptions struct {
	Seed uint64 // of all that is drawn
	// Exact is the size up to which blocks are eliminated in modular arithmetic,
	// r times the rows and columns that are not known otherwise; default 5,000,
	// which takes some seconds at worst. A negative number means never.
	Exact int
	// Products with the Jacobian, each there and back, that the estimate of a
	// larger block may take; default 300. It keeps as many vectors of r numbers
	// for each row or column, whichever are fewer, and r⁴ numbers of the gauge: a
	// rank of 40 takes a minute, one of 100 more than is reasonable.
	Products int
}

func (o *CompletableOptions) filled() (CompletableOptions, error) {
	var f CompletableOptions
	if o != nil {
		f = *o
	}
	if f.Exact == 0 {
		f.Exact = 5000
	}
	if f.Products == 0 {
		f.Products = 300
	}
	if f.Products < 0 {
		return f, fmt.Errorf("landscape: CompletableOptions.Products is %d; at least 1 is wanted, or 0 for the default of 300: %w", f.Products, lr.ErrValue)
	}
	return f, nil
}

// Completable says which entries of a d1×d2 matrix of rank r the entries that a
// mask observes determine, for a generic matrix: for all but a set of measure
// zero. An entry is finitely completable, here "determined", when finitely many
// values of it agree with the observed entries. That is so when its row of the
// Jacobian
//
//	d(UVᵀ)_ij = δuᵢ·vⱼ + uᵢ·δvⱼ
//
// is in the span of the observed entries' rows at a generic point (U, V), and all
// entries are when the observed rows have rank r(d1+d2−r); Singer, Cucuringu
// 2010 (SIAM J. Matrix Anal. Appl. 31, p. 1621), Király, Theran, Tomioka 2015
// (JMLR 16, p. 1391; arXiv:1211.4116). Finitely many is not one: a mask that is
// completable may still leave two or more matrices to choose from. And a matrix
// that is determined need not be easy to find, nor to find in noise.
//
// The values play no part, only the mask does. It must have a pattern
// ([lr.PatternOf]). The answer is for M = UVᵀ; a symmetric M = UUᵀ has fewer
// degrees of freedom and is not generic among the others, so that neither
// answer is about it.
//
// Rigorous and cheap, O(|Ω|), are these steps. A row or column with fewer than r
// entries has no unobserved entry that is determined, and without it the others
// are determined as they were; so it is peeled off, and then what has become
// short, until the r-core is left. Between connected parts of the core nothing is
// determined; each part is a [Block] for itself. At r = 1 a part is determined:
// that is all.
//
// Of a block, part of which may be known from a seed (a small part that was found
// determined, and grew by lines with r entries in it), the rest is eliminated
// exactly when it has at most Exact unknowns: at a random point modulo a random
// prime of 60 bits. A rank there is never above the generic one. So what
// is found completable is certain; what is said of a block that is not is wrong
// with a probability over the seed of at most Failure. It counts the zeros of a
// minor (Schwartz, Zippel) and the primes that divide all of its coefficients.
// Every entry is decided by one random motion: a tangent that changes no observed
// entry.
//
// Larger blocks are estimated: [JacobianEstimate].
//
// A row of a mask may be empty. A rank below 1 or above min(d1, d2) is an error,
// and so is an operator that is no mask; a context that ends gives its error.
func Completable(ctx context.Context, mask lr.Operator, r int, o *CompletableOptions) (*Completability, error) {
	if err := lr.CheckOperator(mask); err != nil {
		return nil, err
	}
	p, ok := lr.PatternOf(mask)
	if !ok {
		return nil, fmt.Errorf("landscape: Completable was given %v, whose measurements are not single entries of the matrix; an operator with a Pattern is wanted, such as operator.Mask: %w", mask, lr.ErrAbility)
	}
	d1, d2, _ := mask.Dims()
	if r < 1 || r > min(d1, d2) {
		return nil, fmt.Errorf("landscape: Completable was given rank %d; a %d×%d matrix has a rank from 1 to %d: %w", r, d1, d2, min(d1, d2), lr.ErrRank)
	}
	f, err := o.filled()
	if err != nil {
		return nil, err
	}
	c := &Completability{D1: d1, D2: d2, R: r, Observed: len(p.Col), Freedom: r * (d1 + d2 - r), pattern: p, o: f}
	if err := c.decide(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// Completability is what [Completable] found.
type Completability struct {
	D1, D2   int // shape of the matrix
	R        int // its rank
	Observed int // entries
	Freedom  int // r(d1+d2−r), the degrees of freedom of such matrices

	Completable Answer // whether all entries are determined
	// Proven: the answer is exact, up to Failure when it is no.
	Proven bool
	// Rank of the Jacobian: generic in what is exact, at most that of a block
	// that is estimated. Missing is Freedom − Rank: how many entries must be
	// observed at least, beyond these, for all to be determined.
	Rank, Missing int
	Failure       float64 // bound on the probability that an exact answer is wrong

	// Rows and columns with fewer than r entries, and all that are peeled off,
	// which include those. None of their unobserved entries is determined.
	ShortRows, ShortCols   []int
	PeeledRows, PeeledCols []int
	Blocks                 []Block // the connected parts of the core

	pattern        *lr.Pattern
	o              CompletableOptions
	parts          []*rigid.Part
	rowIn, colIn   []int // part of each row and column, −1 when peeled
	rowNew, colNew []int // its number there
}

// Block is a connected part of the r-core: every row has at least r observed
// entries in its columns, and every column in its rows.
type Block struct {
	Rows, Cols  []int // ascending
	Observed    int
	Completable Answer // whether all entries of Rows × Cols are determined
	Missing     int    // degrees of freedom left open; where estimated, 1 when any
	// Known counts the rows and columns that a seed grew to: a block of them that
	// is known to be determined, before elimination or estimate of the others.
	Known    int
	Estimate *JacobianEstimate // nil when the block is exact
}

// JacobianEstimate is what a block showed that is too large for elimination.
//
// The columns of the Jacobian that belong to a row or a column are made
// orthonormal, which changes no span. Then its singular values are √(1±cos φ) with
// the angles φ between the spans of the two factors' columns; the gauge, and what
// is known from a seed, is left out. Sine2 is the smallest sin²φ that Lanczos'
// method found, an upper bound of the smallest one, at a random real point: 0 up
// to rounding (1e-12) when something is not determined. Then its direction is a
// random motion, which decides the entries.
type JacobianEstimate struct {
	Sine2 float64
	// Singular is √(1−cos φ), the smallest singular value found outside the gauge;
	// the largest is √2.
	Singular  float64
	Residual  float64 // sin² of an angle lies this near to Sine2
	Products  int     // taken
	Converged bool    // a Residual ≤ 1e-11, or ≤ Sine2/8 with a tiny Failure, or ≤ 1e-6·Sine2; else the answer is unknown
	// Failure bounds the probability, over the start of the search, of a Sine2 as
	// large as this where something is not determined (Kuczyński, Woźniakowski 1992,
	// SIAM J. Matrix Anal. Appl. 13, p. 1094). It does not count rounding.
	Failure float64
}

// decide peels, cuts into blocks and decides each.
func (c *Completability) decide(ctx context.Context) error {
	p := c.pattern
	g := rigid.NewGrid(p.RowFrom, p.Col, p.ColFrom, p.Row, p.At)
	inRow, inCol := g.Degrees()
	c.ShortRows, c.ShortCols = below(inRow, c.R), below(inCol, c.R)
	core := g.Core(c.R)
	c.rowIn, c.colIn = slices.Repeat([]int{-1}, c.D1), slices.Repeat([]int{-1}, c.D2)
	c.rowNew, c.colNew = make([]int, c.D1), make([]int, c.D2)
	rank := c.Observed // every entry of a peeled line adds 1
	c.Proven = true
	for k, g := range core.Components() {
		rng := lr.Stream(c.o.Seed, "completable", uint64(k))
		p, err := rigid.Decide(ctx, g, c.R, rigid.Limits{Exact: c.o.Exact, Products: c.o.Products}, rng)
		switch {
		case errors.Is(err, rigid.ErrDependent):
			return fmt.Errorf("landscape: Completable: %w; another Seed may serve: %w", err, lr.ErrFailed)
		case err != nil:
			return fmt.Errorf("landscape: Completable was stopped: %w", err)
		}
		rank += c.R*(g.Lines()-c.R) - p.Missing - g.Entries()
		c.keep(p)
	}
	c.PeeledRows, c.PeeledCols = below(c.rowIn, 0), below(c.colIn, 0)
	c.Rank, c.Missing = rank, c.Freedom-rank
	c.conclude()
	return nil
}

// keep files a part under its rows and columns.
func (c *Completability) keep(p *rigid.Part) {
	b := Block{Observed: p.Entries(), Completable: Answer(p.Complete), Missing: p.Missing, Known: p.Known}
	if e := p.Estimated(); e != nil {
		b.Estimate = (*JacobianEstimate)(e)
	}
	for k, i := range p.Rows {
		b.Rows = append(b.Rows, int(i))
		c.rowIn[i], c.rowNew[i] = len(c.parts), k
	}
	for k, j := range p.Cols {
		b.Cols = append(b.Cols, int(j))
		c.colIn[j], c.colNew[j] = len(c.parts), k
	}
	c.Failure += p.Failure
	c.Blocks, c.parts = append(c.Blocks, b), append(c.parts, p)
}

// conclude gathers the blocks' answers. What is peeled off, and two blocks,
// leave entries open for certain.
func (c *Completability) conclude() {
	if len(c.PeeledRows)+len(c.PeeledCols) > 0 || len(c.Blocks) != 1 {
		c.Completable = No
		return
	}
	b := c.Blocks[0]
	c.Completable, c.Proven = b.Completable, b.Estimate == nil
}

// below are the indices of what is less than least.
func below(x []int, least int) []int {
	var out []int
	for i, v := range x {
		if v < least {
			out = append(out, i)
		}
	}
	return out
}
