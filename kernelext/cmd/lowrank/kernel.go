package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/lowrankgo/lowrank/kernelext/cmd/lowrank/internal/kernelspec"
	"github.com/lowrankgo/lowrank/kernelext/gophernotes"
	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// The kernels' names in Jupyter.
const (
	ourKernel    = "lowrankgo"
	ourDisplay   = "Go (lowrankgo)"
	stockKernel  = "gophernotes-lowrank"
	stockDisplay = "Go (gophernotes + lowrankgo)"
)

func newKernel() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "kernel",
		Short: "Register the Jupyter kernel, list and remove it",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newKernelInstall(), newKernelList(), newKernelUninstall(), newKernelRun())
	return cmd
}

// place is where kernels are registered: flags of install and uninstall.
type place struct {
	user, sysPrefix bool
	prefix          string
}

func (p *place) flags(cmd *cobra.Command, userHelp string) {
	cmd.Flags().BoolVar(&p.user, "user", false, userHelp)
	cmd.Flags().StringVar(&p.prefix, "prefix", "", "in DIR/share/jupyter/kernels")
	cmd.Flags().BoolVar(&p.sysPrefix, "sys-prefix", false, "in the active Python environment (VIRTUAL_ENV, CONDA_PREFIX, or that of python3)")
	cmd.MarkFlagsMutuallyExclusive("user", "prefix", "sys-prefix")
	_ = cmd.MarkFlagDirname("prefix")
}

// given reports whether a place was asked for.
func (p *place) given() bool { return p.user || p.sysPrefix || p.prefix != "" }

// dataDir is Jupyter's data folder of the place, the user's by default.
func (p *place) dataDir() (string, error) {
	switch {
	case p.prefix != "":
		return kernelspec.PrefixDir(p.prefix), nil
	case p.sysPrefix:
		prefix, err := kernelspec.SysPrefix()
		return kernelspec.PrefixDir(prefix), err
	}
	return kernelspec.UserDir()
}

func newKernelInstall() *cobra.Command {
	var where place
	var stock bool
	var name string
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Register the kernel with Jupyter",
		Long: `Register the kernel with Jupyter, for this user by default. A copy of this
program goes into the kernel's folder, so that it stays when this one moves;
installing again replaces it.

With --gophernotes, build the unmodified gophernotes kernel ` + gophernotes.Version + ` with the
packages of this project linked in, and register that under a name of its own.
This needs the go command. Inside a checkout the checkout's packages are
linked, elsewhere those of the release.`,
		Example: `  lowrank kernel install
  lowrank kernel install --sys-prefix
  lowrank kernel install --gophernotes`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if name == "" {
				name = ourKernel
				if stock {
					name = stockKernel
				}
			}
			if err := kernelspec.CheckName(name); err != nil {
				return usageError{err}
			}
			dataDir, err := where.dataDir()
			if err != nil {
				return err
			}
			install := installOurs
			if stock {
				install = installStock
			}
			dir, err := install(cmd.Context(), dataDir, name, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "Installed the kernel %s in %s\n", name, dir)
			return err
		},
	}
	where.flags(cmd, "for this user (default)")
	cmd.Flags().BoolVar(&stock, "gophernotes", false, "build and register gophernotes "+gophernotes.Version+" with our packages linked in")
	cmd.Flags().StringVar(&name, "name", "", "name of the kernel (default "+ourKernel+", or "+stockKernel+" with --gophernotes)")
	return cmd
}

// installOurs registers this program as a kernel.
func installOurs(_ context.Context, dataDir, name string, _ io.Writer) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("this program's file is not known: %w", err)
	}
	return kernelspec.Install(dataDir, kernelspec.Spec{
		Name: name, DisplayName: ourDisplay, Message: true,
		Args: []string{"kernel", "run", "{connection_file}"},
	}, self)
}

// installStock builds gophernotes and registers it.
func installStock(ctx context.Context, dataDir, name string, log io.Writer) (string, error) {
	work, err := os.MkdirTemp("", "lowrank-kernel-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	binary := filepath.Join(work, "gophernotes")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	fmt.Fprintf(log, "Building gophernotes %s with lowrankgo linked in; the first time takes a minute or two.\n", gophernotes.Version)
	o := gophernotes.Options{Dir: checkout(), Log: log}
	if o.Dir == "" {
		o.Release = "v" + lr.Version
	}
	if err := gophernotes.Build(ctx, binary, o); err != nil {
		return "", err
	}
	return kernelspec.Install(dataDir, kernelspec.Spec{
		Name: name, DisplayName: stockDisplay,
		Args: []string{"{connection_file}"},
	}, binary)
}

func newKernelList() *cobra.Command {
	var where place
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the kernels that lowrank installed",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dirs, err := where.dirs()
			if err != nil {
				return err
			}
			list := kernelspec.List(dirs)
			if len(list) == 0 {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "No kernels of lowrank are installed; \"lowrank kernel install\" installs one.")
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, k := range list {
				fmt.Fprintf(w, "%s\t%s\t%s\n", k.Name, k.DisplayName, k.Dir)
			}
			return w.Flush()
		},
	}
	where.flags(cmd, "only those of this user")
	return cmd
}

// dirs are the data folders to look into: that of the place, or all.
func (p *place) dirs() ([]string, error) {
	if !p.given() {
		return kernelspec.SearchDirs(), nil
	}
	d, err := p.dataDir()
	return []string{d}, err
}

func newKernelUninstall() *cobra.Command {
	var where place
	cmd := &cobra.Command{
		Use:   "uninstall NAME…",
		Short: "Remove kernels that lowrank installed",
		Long: `Remove kernels that lowrank installed, wherever Jupyter would find them or
only in the given place. A kernel that something else installed stays.`,
		Args: cobra.MinimumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, k := range kernelspec.List(kernelspec.SearchDirs()) {
				names = append(names, k.Name)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dirs, err := where.dirs()
			if err != nil {
				return err
			}
			var errs []error
			for _, name := range args {
				removed, err := kernelspec.Uninstall(dirs, name)
				for _, dir := range removed {
					fmt.Fprintf(cmd.OutOrStdout(), "Removed %s\n", dir)
				}
				errs = append(errs, err)
			}
			return errors.Join(errs...)
		},
	}
	where.flags(cmd, "only from this user's kernels")
	return cmd
}
