package main

import (
	"context"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/lowrankgo/lowrank/kernelext/jupyter"
	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

func newKernelRun() *cobra.Command {
	name := engines[0].name
	cmd := &cobra.Command{
		Use:    "run CONNECTION_FILE",
		Short:  "Be the kernel; Jupyter calls this",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			start, err := findEngine(name)
			if err != nil {
				return err
			}
			// SIGINT interrupts a cell, it does not end the kernel; Serve takes care of signals.
			ctx := context.WithoutCancel(cmd.Context())
			return jupyter.Serve(ctx, args[0], start, jupyter.Info{
				Implementation: "lowrank",
				Version:        lr.Version,
				Banner: fmt.Sprintf("Go with lowrankgo %s, interpreted by %s (%s, %s/%s)",
					lr.Version, name, runtime.Version(), runtime.GOOS, runtime.GOARCH),
				HelpLinks: []jupyter.HelpLink{
					{Text: "lowrankgo packages", URL: "https://pkg.go.dev/github.com/lowrankgo/lowrank"},
					{Text: "Gonum packages", URL: "https://pkg.go.dev/gonum.org/v1/gonum"},
					{Text: "Go language", URL: "https://go.dev/ref/spec"},
				},
			})
		},
	}
	cmd.Flags().StringVar(&name, "engine", name, "interpreter of the cells: "+engineNames())
	return cmd
}
