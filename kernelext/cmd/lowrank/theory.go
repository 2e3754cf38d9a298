package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/theory"
)

// theoryFlags are the flags of lowrank theory.
type theoryFlags struct {
	quick, asJSON bool
	seed          uint64
	out           string
	items         []string
}

func newTheory() *cobra.Command {
	var f theoryFlags
	cmd := &cobra.Command{
		Use:   "theory",
		Short: "Compute every numbered item of the two papers, and write docs/THEORY.md",
		Long: `Compute every numbered item of the two papers on an ensemble of random
instances: objectives, definitions, lemmas, theorems, figures and remarks. What
comes out is printed, and written as a page of Markdown with --out: for each item
its statement, the function that computes it, the test that checks it, and the
residual, the violations, the proportion with its interval or the empirical
constant that was found.

The same seed gives the same numbers on the same machine, for any number of
threads. The page is written when all items are there: one that was there before
stays when the command is interrupted. It exits with 1 if an inequality is
violated or an identity does not hold; a proportion below 1, or an empirical
constant, is no failure.`,
		Example: `  lowrank theory --out docs/THEORY.md
  lowrank theory --quick
  lowrank theory --item "[G] Lemma 6" --item "[L] Thm III.1" --seed 7 --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			items, err := chooseItems(theory.Items(), f.items)
			if err != nil {
				return err
			}
			if f.out != "" && len(f.items) > 0 {
				return usageError{fmt.Errorf("--out writes the page of all items; it does not go with --item")}
			}
			return f.run(cmd.Context(), items, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().BoolVar(&f.quick, "quick", false, "ensembles of about a tenth of the size")
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "seed of all ensembles")
	cmd.Flags().StringVar(&f.out, "out", "", "file for the page of Markdown, such as docs/THEORY.md")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print one JSON document")
	cmd.Flags().StringArrayVar(&f.items, "item", nil, `only the item of this name, as "[G] Lemma 6", or those with this in their names; may be given again`)
	return cmd
}

// chooseItems returns the items with the names asked for or, where there is no
// such name, with that text in their names; all when nothing is asked for.
func chooseItems(all []theory.Item, names []string) ([]theory.Item, error) {
	if len(names) == 0 {
		return all, nil
	}
	chosen := make([]bool, len(all))
	for _, name := range names {
		exact := slices.IndexFunc(all, func(i theory.Item) bool { return strings.EqualFold(i.Name, name) })
		found := exact >= 0
		if found {
			chosen[exact] = true
			continue
		}
		for k, i := range all {
			if strings.Contains(strings.ToLower(i.Name), strings.ToLower(name)) {
				chosen[k], found = true, true
			}
		}
		if !found || name == "" {
			return nil, usageError{fmt.Errorf("there is no item %q; items are %s", name, strings.Join(itemNames(all), ", "))}
		}
	}
	var out []theory.Item
	for k, c := range chosen {
		if c {
			out = append(out, all[k])
		}
	}
	return out, nil
}

func itemNames(items []theory.Item) []string {
	var names []string
	for _, i := range items {
		names = append(names, i.Name)
	}
	return names
}

// run measures the items and writes what was asked for.
func (f *theoryFlags) run(ctx context.Context, items []theory.Item, stdout, stderr io.Writer) error {
	effort := theory.Effort{Seed: f.seed, Quick: f.quick}
	p := newProgress(stderr, len(items))
	lines, err := theory.Ensembles{Items: items, Effort: effort, OnDone: p.item}.Run(ctx)
	p.finish()
	if err != nil {
		return err
	}
	if f.out != "" {
		if err := writePage(f.out, lines, f.origin(effort)); err != nil {
			return err
		}
	}
	if f.asJSON {
		err = writeJSON(stdout, newTheoryReport(lines, effort))
	} else {
		err = writeTheory(stdout, lines)
	}
	if err != nil {
		return err
	}
	if failed := failedItems(lines); len(failed) > 0 {
		fmt.Fprintf(stderr, "lowrank: violated: %s\n", strings.Join(failed, ", "))
		return reported{fmt.Errorf("%d items are violated", len(failed))}
	}
	return nil
}

// item tells that an item is measured: a bar on a terminal, a line elsewhere.
func (p *progress) item(done, total int, name string) {
	if p.bar != nil {
		p.bar.Describe(name)
		p.bar.Set(done)
		return
	}
	fmt.Fprintf(p.w, "%d of %d: %s\n", done, total, name)
}

// origin says by which command the page is made; where it is written is left
// out, since that is of this machine.
func (f *theoryFlags) origin(e theory.Effort) theory.Origin {
	command := "lowrank theory"
	if e.Quick {
		command += " --quick"
	}
	command += fmt.Sprintf(" --seed %d --out docs/THEORY.md", e.Seed)
	id := newIdentity()
	return theory.Origin{Command: command, Version: lr.Version, Arch: id.GOARCH, Variant: id.Variant, Effort: e}
}

// writePage writes the page beside path and then moves it there, so that a page
// that was there is replaced by a whole one or not at all.
func writePage(path string, lines []theory.Line, o theory.Origin) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".theory-*")
	if err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	defer func() {
		if err != nil {
			os.Remove(tmp.Name())
		}
	}()
	err = theory.WritePage(tmp, lines, o)
	if chmod := tmp.Chmod(0o644); err == nil {
		err = chmod
	}
	if closed := tmp.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	return os.Rename(tmp.Name(), path)
}
