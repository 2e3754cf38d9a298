// Command lowrank reproduces the project's notebooks without Jupyter, says what
// files of data hold, separates the background of a video from what moves, and
// installs and runs the project's Jupyter kernel.
//
//	lowrank reproduce              execute all notebooks and write a site to out/
//	lowrank info FILE              say what a file of data holds
//	lowrank check FILE --rank R    say whether a file's entries determine the others
//	lowrank rpca INPUT --out DIR   split data, or a video, into low rank and sparse
//	lowrank theory                 compute every numbered item of the two papers
//	lowrank datasets               list the data sets inside the program
//	lowrank kernel install         register the kernel with Jupyter
//	lowrank lab                    open the notebooks in JupyterLab
//	lowrank version
//
// Exit status: 0 when all went well, 1 when a cell or a claim failed or
// something went wrong, 2 for a command that lowrank does not understand, 130
// when interrupted.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit statuses.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		stop() // a second Ctrl-C ends the process at once
	}()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// usageError is a command that lowrank does not understand.
type usageError struct{ error }

// reported is an error that the user has been told of already.
type reported struct{ error }

// run executes the command line args and returns its exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	started := false
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	onRun(root, func() { started = true })
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	var usage usageError
	isUsage := !started || errors.As(err, &usage)
	if !errors.As(err, new(reported)) {
		fmt.Fprintf(stderr, "lowrank: %v\n", err)
		if isUsage {
			fmt.Fprintf(stderr, "Run %q for help.\n", cmd.CommandPath()+" --help")
		}
		if wantsJSON(args) {
			writeFailure(stdout, cmd, err)
		}
	}
	switch {
	case isUsage:
		return exitUsage
	case ctx.Err() != nil:
		return exitInterrupted
	}
	return exitFailed
}

// writeFailure prints the one JSON document of a command that did not work.
func writeFailure(w io.Writer, cmd *cobra.Command, err error) {
	switch cmd.Name() {
	case "reproduce":
		writeReport(w, &report{Engine: engineOf(cmd), Err: err.Error()})
	case "info", "datasets":
		writeJSON(w, &infoReport{Version: 1, Err: err.Error()})
	case "check":
		writeJSON(w, &checkReport{Version: 1, Err: err.Error()})
	case "rpca":
		writeJSON(w, &rpcaReport{Version: 1, Err: err.Error()})
	case "theory":
		writeJSON(w, &theoryReport{Version: 1, Err: err.Error()})
	}
}

// onRun calls f before cmd, or a command below it, does its work: when its
// command line was understood.
func onRun(cmd *cobra.Command, f func()) {
	if work := cmd.RunE; work != nil {
		cmd.RunE = func(c *cobra.Command, args []string) error {
			f()
			return work(c, args)
		}
	}
	for _, c := range cmd.Commands() {
		onRun(c, f)
	}
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "lowrank",
		Short: "Low-rank matrix recovery: reproduce the notebooks, look at data, separate videos, run the Jupyter kernel",
		Long: `lowrank executes the notebooks of the lowrankgo project without Jupyter, says
what files of data hold, separates the background of a video from what moves,
and installs and runs the project's Jupyter kernel for Go.

Exit status: 0 all went well; 1 a cell or a claim failed, or something went
wrong; 2 a command that was not understood; 130 interrupted.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.AddCommand(newReproduce(), newInfo(), newCheck(), newRPCA(), newTheory(), newDatasets(), newKernel(), newLab(), newVersion())
	return root
}
