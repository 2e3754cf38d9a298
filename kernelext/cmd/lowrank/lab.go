package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/lowrankgo/lowrank/kernelext/cmd/lowrank/internal/kernelspec"
	"github.com/lowrankgo/lowrank/kernelext/notebook"
)

// labFolder is where the notebooks go outside a checkout.
const labFolder = "lowrank-notebooks"

const noLab = `JupyterLab is not there: "jupyter lab" does not run. Install it with

    python3 -m pip install jupyterlab

and start "lowrank lab" again, or read the executed notebooks without it: lowrank reproduce`

func newLab() *cobra.Command {
	return &cobra.Command{
		Use:   "lab [-- ARGUMENTS OF JUPYTERLAB…]",
		Short: "Open the notebooks in JupyterLab",
		Long: `Open the notebooks in JupyterLab, with the kernel registered for this user if
Jupyter does not have it yet. Outside a checkout the notebooks are first copied
to ./` + labFolder + `; files that are there already stay as they are.

What follows -- goes to JupyterLab. Address and token are JupyterLab's own.`,
		Example: `  lowrank lab
  lowrank lab -- --no-browser --port 9000`,
		Args: func(cmd *cobra.Command, args []string) error {
			if n := cmd.ArgsLenAtDash(); n > 0 || n < 0 && len(args) > 0 {
				return fmt.Errorf("unknown argument %q; arguments of JupyterLab follow --", args[0])
			}
			return nil
		},
		RunE: runLab,
	}
}

func runLab(cmd *cobra.Command, args []string) error {
	ctx, stderr := cmd.Context(), cmd.ErrOrStderr()
	if exec.CommandContext(ctx, "jupyter", "lab", "--version").Run() != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return errors.New(noLab)
	}
	if err := ensureKernel(ctx, stderr); err != nil {
		return err
	}
	dir, err := labDir(stderr)
	if err != nil {
		return err
	}
	lab := exec.Command("jupyter", append([]string{"lab"}, args...)...)
	lab.Dir = dir
	lab.Stdin, lab.Stdout, lab.Stderr = os.Stdin, cmd.OutOrStdout(), stderr
	if err := lab.Start(); err != nil {
		return fmt.Errorf("JupyterLab: %w", err)
	}
	return waitLab(cmd, lab)
}

// waitLab waits for JupyterLab. On a terminal Ctrl-C reaches it directly; a
// signal that only this process got is passed on.
func waitLab(cmd *cobra.Command, lab *exec.Cmd) error {
	ended := make(chan error, 1)
	go func() { ended <- lab.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("JupyterLab: %w", err)
		}
		return nil
	case <-cmd.Context().Done():
		if !term.IsTerminal(int(os.Stdin.Fd())) {
			_ = lab.Process.Signal(os.Interrupt)
		}
		<-ended
		return reported{cmd.Context().Err()}
	}
}

// ensureKernel registers the kernel for this user unless Jupyter has it.
func ensureKernel(ctx context.Context, log io.Writer) error {
	for _, k := range kernelspec.List(kernelspec.SearchDirs()) {
		if k.Name == ourKernel {
			return nil
		}
	}
	dataDir, err := kernelspec.UserDir()
	if err != nil {
		return err
	}
	dir, err := installOurs(ctx, dataDir, ourKernel, log)
	if err == nil {
		fmt.Fprintf(log, "Installed the kernel %s in %s\n", ourKernel, dir)
	}
	return err
}

// labDir is the folder that JupyterLab opens.
func labDir(log io.Writer) (string, error) {
	c, err := openCatalog("")
	if err != nil {
		return "", err
	}
	if c.dir != "" {
		return c.dir, nil
	}
	if err := os.MkdirAll(labFolder, 0o755); err != nil {
		return "", err
	}
	for _, name := range c.names {
		path := filepath.Join(labFolder, name+".ipynb")
		if _, err := os.Lstat(path); err == nil {
			continue
		}
		b, err := fs.ReadFile(c.fsys, name+".ipynb")
		if err != nil {
			return "", err
		}
		if err := notebook.WriteFile(path, b); err != nil {
			return "", err
		}
		fmt.Fprintf(log, "Copied %s\n", path)
	}
	return labFolder, nil
}
