package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lowrankgo/lowrank/datasets"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
)

// check is one run of "lowrank check".
type check struct {
	file     fileFlags
	rank     int
	entries  []string
	seed     uint64
	asJSON   bool
	exitCode bool

	data   *datasets.Data
	mask   *operator.Mask
	found  *landscape.Completability
	report checkSummary
}

func newCheck() *cobra.Command {
	c := &check{}
	cmd := &cobra.Command{
		Use:   "check FILE --rank R",
		Short: "Say whether the entries of a file determine a matrix of rank R",
		Long: `Say whether the entries that a file has determine all the others, were the data
a matrix of rank R without noise: which rows and columns cannot be recovered by
any method, and what to do about it. Only where entries are matters, not their
values.

An entry is determined when finitely many values of it agree with the entries of
the file, for a generic matrix of rank R: almost always one, but not for certain.
That is decided exactly, by algebra modulo a prime, for what has up to 5000/R rows
and columns, and for most larger data, where a small part decides and the rest
follows from it. Otherwise it is an estimate, and called one.

FILE is what "lowrank info" reads. --entry asks for an entry, by the names of its
row and column where the file has names, else by their numbers, from 0.

Exit status: 0 an answer, also where it is no; 1 something went wrong, or with
--exit-code not everything is determined; 2 a command that was not understood;
130 interrupted.`,
		Example: `  lowrank check ratings.csv --rank 5
  lowrank check ratings.csv --rank 5 --entry 17,4711 --json
  lowrank check colorado-tmax --rank 3 --exit-code`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.run(cmd, args[0]) },
	}
	fl := cmd.Flags()
	fl.IntVar(&c.rank, "rank", 0, "rank of the matrix")
	fl.StringArrayVar(&c.entries, "entry", nil, "an entry to decide, as ROW,COLUMN; may be given again")
	fl.Uint64Var(&c.seed, "seed", 0, "of the random point")
	fl.BoolVar(&c.asJSON, "json", false, "print one JSON document")
	fl.BoolVar(&c.exitCode, "exit-code", false, "exit with 1 unless everything is determined")
	if err := cmd.MarkFlagRequired("rank"); err != nil {
		panic(err) // there is such a flag
	}
	c.file.add(cmd, "last") // values play no part
	return cmd
}

func (c *check) run(cmd *cobra.Command, input string) error {
	if c.rank < 1 {
		return usageError{fmt.Errorf("--rank is %d; at least 1 is wanted", c.rank)}
	}
	ctx := cmd.Context()
	if err := c.read(ctx, input); err != nil {
		return err
	}
	places, err := c.places()
	if err != nil {
		return err
	}
	if c.found, err = c.at(ctx, c.rank); err != nil {
		return err
	}
	if err := c.describe(ctx, places); err != nil {
		return err
	}
	write := writeCheck
	if c.asJSON {
		write = func(w io.Writer, r *checkReport) error { return writeJSON(w, r) }
	}
	if err := write(cmd.OutOrStdout(), &checkReport{Version: 1, checkSummary: &c.report}); err != nil {
		return reported{fmt.Errorf("standard output: %w", err)}
	}
	if c.exitCode && c.found.Completable != landscape.Yes {
		return reported{errors.New("not everything is determined")}
	}
	return nil
}

// read opens the file and takes where its entries are.
func (c *check) read(ctx context.Context, input string) error {
	d, err := openData(ctx, input, &c.file)
	if err != nil {
		return err
	}
	e := d.Entries()
	if least := min(e.D1, e.D2); c.rank > least {
		return usageError{fmt.Errorf("--rank is %d; %s is %d×%d, so that at most %d is wanted", c.rank, input, e.D1, e.D2, least)}
	}
	c.data = d
	c.mask, _, err = operator.NewMask(e.D1, e.D2, e.Rows, e.Cols)
	return err
}

func (c *check) at(ctx context.Context, rank int) (*landscape.Completability, error) {
	return landscape.Completable(ctx, c.mask, rank, &landscape.CompletableOptions{Seed: c.seed})
}

// asked is an entry that was asked for.
type asked struct{ row, col int }

// places finds the entries that were asked for.
func (c *check) places() ([]asked, error) {
	rows, cols, _ := c.mask.Dims()
	var out []asked
	for _, text := range c.entries {
		p, ok := asked{}, false
		for k := 0; k < len(text) && !ok; k++ { // names may have commas
			if text[k] != ',' {
				continue
			}
			i, isRow := lineOf(text[:k], c.data.RowNames, rows)
			j, isCol := lineOf(text[k+1:], c.data.ColNames, cols)
			p, ok = asked{i, j}, isRow && isCol
		}
		if !ok {
			return nil, usageError{fmt.Errorf("--entry is %q; ROW,COLUMN is wanted, with %s and %s", text, linesWanted("rows", c.data.RowNames, rows), linesWanted("columns", c.data.ColNames, cols))}
		}
		out = append(out, p)
	}
	return out, nil
}

// lineOf finds a row or column by its name, or its number where there are no
// names.
func lineOf(text string, names []string, n int) (int, bool) {
	text = strings.TrimSpace(text)
	if names != nil {
		i := slices.Index(names, text)
		return i, i >= 0
	}
	i, err := strconv.Atoi(text)
	return i, err == nil && i >= 0 && i < n
}

func linesWanted(what string, names []string, n int) string {
	if names != nil {
		return fmt.Sprintf("%s by name: %s", what, namesLine(names))
	}
	return fmt.Sprintf("%s from 0 to %d", what, n-1)
}

// lower finds the largest rank below at which everything is determined, by
// halving: what is determined at a rank is so at lower ones. It is 0 when there
// is none, and looks no further than the counts of entries allow.
func (c *check) lower(ctx context.Context) (int, error) {
	rows, cols, n := c.mask.Dims()
	most := min(c.rank-1, slices.Min(c.mask.RowCounts()), slices.Min(c.mask.ColCounts()))
	for most > 0 && most*(rows+cols-most) > n {
		most--
	}
	good := 0
	for good < most {
		mid := (good + most + 1) / 2
		a, err := c.at(ctx, mid)
		if err != nil {
			return 0, err
		}
		if a.Completable == landscape.Yes {
			good = mid
		} else {
			most = mid - 1
		}
	}
	return good, nil
}
