package main

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// identity says what this program is.
type identity struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Go      string `json:"go"`
	GOOS    string `json:"goos"`
	GOARCH  string `json:"goarch"`
	Variant string `json:"variant"`
}

func newIdentity() identity {
	return identity{
		Version: lr.Version, Commit: commit(), Go: runtime.Version(),
		GOOS: runtime.GOOS, GOARCH: runtime.GOARCH, Variant: lr.Variant(),
	}
}

// commit is the commit that this program was built from: as the go command
// recorded it, else that of the checkout around the working directory, else
// "unknown". A changed working tree adds "+changes".
func commit() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		setting := map[string]string{}
		for _, s := range info.Settings {
			setting[s.Key] = s.Value
		}
		if rev := setting["vcs.revision"]; rev != "" {
			return withChanges(rev, setting["vcs.modified"] == "true")
		}
	}
	root := checkout()
	if root == "" {
		return "unknown"
	}
	git := func(args ...string) (string, error) {
		out, err := exec.Command("git", append([]string{"-C", root}, args...)...).Output()
		return strings.TrimSpace(string(out)), err
	}
	// A checkout that lies inside some other repository is not that commit.
	if prefix, err := git("rev-parse", "--show-prefix"); err != nil || prefix != "" {
		return "unknown"
	}
	rev, err := git("rev-parse", "HEAD")
	if err != nil || rev == "" {
		return "unknown"
	}
	status, err := git("status", "--porcelain", "--untracked-files=no")
	return withChanges(rev, err == nil && status != "")
}

func withChanges(rev string, changed bool) string {
	if changed {
		return rev + "+changes"
	}
	return rev
}

func newVersion() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version, the commit and what this machine runs",
		Long: `Print the version of the library and this command, the commit it was built
from, the Go version, the platform, and which inner loops this processor uses
("avx2" or "generic"; LOWRANK_LOOPS=generic pins the portable ones).`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			id := newIdentity()
			if asJSON {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				return enc.Encode(id)
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "lowrank %s\ncommit  %s\ngo      %s\nsystem  %s/%s\nloops   %s\n",
				id.Version, id.Commit, id.Go, id.GOOS, id.GOARCH, id.Variant)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}
