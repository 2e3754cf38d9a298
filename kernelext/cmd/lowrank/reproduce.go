package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/lowrankgo/lowrank/kernelext/notebook"
	"github.com/lowrankgo/lowrank/kernelext/show"
)

// reproduction is one run of "lowrank reproduce".
type reproduction struct {
	engine    string
	quick     bool
	out       string
	json      bool
	notebooks string

	newEngine newEngine
	catalog   *catalog
	site      *notebook.Site
	progress  *progress
	report    report
}

func newReproduce() *cobra.Command {
	r := &reproduction{}
	cmd := &cobra.Command{
		Use:   "reproduce [NAME…]",
		Short: "Execute notebooks and write a site of them",
		Long: `Execute the notebooks NAME…, all of them by default, through the same engine
as the Jupyter kernel, each in a fresh session, and write to --out:

  NAME.ipynb     the executed notebook
  NAME.html      a page that needs no network
  index.html     all notebooks with their claims
  manifest.json  version, commit, processor, Go and seeds of this run

The notebooks themselves are not changed. They are taken from the folder
notebooks/ of the checkout around the working directory, else from this program.

The claims are printed as a table, or with --json as one JSON document on
standard output; progress goes to standard error. Exit status 1 when a cell or
a claim fails. Ctrl-C keeps what is done and exits with 130.`,
		Example: `  lowrank reproduce
  lowrank reproduce no-balancing --quick
  lowrank reproduce --json --out site > claims.json`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			c, err := openCatalog(r.notebooks)
			if err != nil {
				return nil, cobra.ShellCompDirectiveError
			}
			return c.names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: r.run,
	}
	cmd.Flags().StringVar(&r.engine, "engine", engines[0].name, "interpreter of the cells: "+engineNames())
	cmd.Flags().BoolVar(&r.quick, "quick", false, "reduced size, as cells read it from show.Quick")
	cmd.Flags().StringVar(&r.out, "out", "out", "folder of the site, created if need be")
	cmd.Flags().BoolVar(&r.json, "json", false, "print one JSON document instead of tables")
	cmd.Flags().StringVar(&r.notebooks, "notebooks", "", "folder of the notebooks")
	return cmd
}

// engineOf is the engine that the command line of reproduce asks for.
func engineOf(cmd *cobra.Command) string {
	if f := cmd.Flags().Lookup("engine"); f != nil {
		return f.Value.String()
	}
	return engines[0].name
}

// job is a notebook to run, or the reason why it cannot be read.
type job struct {
	name  string
	nb    *notebook.Notebook
	cells int
	err   error
}

func (r *reproduction) run(cmd *cobra.Command, args []string) error {
	started := time.Now()
	r.report.Engine = r.engine
	jobs, err := r.prepare(args)
	if err != nil {
		return err
	}
	total := 0
	for _, j := range jobs {
		total += j.cells
	}
	r.progress = newProgress(cmd.ErrOrStderr(), total)
	if err := r.all(cmd.Context(), jobs); err != nil {
		return err
	}
	r.progress.finish()
	id := newIdentity()
	err = r.site.Finish(notebook.Manifest{
		Version: id.Version, Commit: id.Commit, Started: started.UTC().Format(time.RFC3339), Engine: r.engine, Quick: r.quick,
		Go: id.Go, GOOS: id.GOOS, GOARCH: id.GOARCH, Variant: id.Variant,
		Complete: r.report.Err == "",
	})
	if err != nil {
		return err
	}
	return r.conclude(cmd)
}

// prepare checks everything that can be checked before a cell runs.
func (r *reproduction) prepare(args []string) ([]job, error) {
	var err error
	if r.newEngine, err = findEngine(r.engine); err != nil {
		return nil, err
	}
	if r.catalog, err = openCatalog(r.notebooks); err != nil {
		return nil, err
	}
	names, err := r.catalog.pick(args)
	if err != nil {
		return nil, err
	}
	if err := r.keepsSources(); err != nil {
		return nil, err
	}
	if r.site, err = notebook.NewSite(r.out); err != nil {
		return nil, err
	}
	jobs := make([]job, len(names))
	for i, name := range names {
		jobs[i].name = name
		jobs[i].nb, jobs[i].err = notebook.ReadFS(r.catalog.fsys, name+".ipynb")
		if jobs[i].err == nil {
			jobs[i].cells = len(jobs[i].nb.CodeCells())
		}
	}
	return jobs, nil
}

// keepsSources refuses an output folder where the executed notebooks would
// replace the notebooks themselves.
func (r *reproduction) keepsSources() error {
	if r.catalog.dir == "" {
		return nil
	}
	src, err1 := resolved(r.catalog.dir)
	out, err2 := resolved(r.out)
	if err1 == nil && err2 == nil && src == out {
		return usageError{fmt.Errorf("--out %s is the folder of the notebooks, which would be overwritten; give another one", r.out)}
	}
	return nil
}

func resolved(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// all runs the jobs in order until ctx ends.
func (r *reproduction) all(ctx context.Context, jobs []job) error {
	for _, j := range jobs {
		if ctx.Err() != nil {
			r.report.Err = "interrupted"
			return nil
		}
		if err := r.one(ctx, j); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		r.report.Err = "interrupted"
	}
	return nil
}

// one runs a job and writes its page. What fails inside the notebook goes into
// the report; the error is about the site.
func (r *reproduction) one(ctx context.Context, j job) error {
	if j.err != nil {
		run := notebook.Run{Name: j.name, Err: j.err.Error()}
		r.report.add(run)
		r.progress.end(j.name, j.cells, run.Err)
		_, err := r.site.Add(run)
		return err
	}
	r.progress.start(j.name, j.cells)
	begin := time.Now()
	err := r.execute(ctx, j.nb)
	run := notebook.Run{Name: j.name, Notebook: j.nb, Seconds: time.Since(begin).Round(time.Millisecond).Seconds()}
	var malformed error
	run.Claims, malformed = notebook.Claims(j.nb)
	if err = errors.Join(err, malformed); err != nil {
		run.Err = err.Error()
	}
	problems, err := r.site.Add(run)
	if err != nil {
		return err
	}
	for _, p := range problems {
		r.progress.problem(j.name, p)
	}
	r.report.add(run)
	r.progress.end(j.name, j.cells, outcome(run))
	return nil
}

// execute runs nb in a session of its own.
func (r *reproduction) execute(ctx context.Context, nb *notebook.Notebook) (err error) {
	eng, err := r.newEngine()
	if err != nil {
		return fmt.Errorf("engine %s: %w", r.engine, err)
	}
	defer func() { err = errors.Join(err, eng.Close()) }()
	return notebook.Execute(ctx, nb, eng, &notebook.ExecuteOptions{Quick: r.quick, OnCell: r.progress.cell})
}

// outcome is a line on how a notebook ended.
func outcome(run notebook.Run) string {
	s := fmt.Sprintf("%.1f s, ", run.Seconds)
	failing := 0
	for _, c := range run.Claims {
		if c.Verdict() == show.Fails {
			failing++
		}
	}
	switch {
	case run.Err != "":
		return s + "stopped: " + run.Err
	case failing > 0:
		return s + fmt.Sprintf("%d of %d claims fail", failing, len(run.Claims))
	}
	return s + fmt.Sprintf("%d claims, none fails", len(run.Claims))
}

// conclude prints the claims and turns them into the command's error.
func (r *reproduction) conclude(cmd *cobra.Command) error {
	stdout, stderr := cmd.OutOrStdout(), cmd.ErrOrStderr()
	write := writeTables
	if r.json {
		write = writeReport
	}
	if err := write(stdout, &r.report); err != nil {
		return reported{fmt.Errorf("standard output: %w", err)}
	}
	fmt.Fprintf(stderr, "The pages: %s\n", filepath.Join(r.out, "index.html"))
	stopped, claims := r.report.failed()
	switch {
	case r.report.Err != "":
		fmt.Fprintf(stderr, "lowrank: %s; what was done is kept\n", r.report.Err)
		return reported{errors.New(r.report.Err)}
	case stopped+claims > 0:
		fmt.Fprintf(stderr, "lowrank: notebooks that stopped: %d, claims that fail: %d\n", stopped, claims)
		return reported{errors.New("not everything holds")}
	}
	return nil
}
