package jupyter

import (
	"context"
	"os"
	"strconv"
	"time"
)

// watchParent calls quit when the Jupyter server that started this process,
// whose number it left in JPY_PARENT_PID, is gone. Without the variable the
// kernel was started by hand and lives on.
func watchParent(ctx context.Context, quit func()) {
	pid, err := strconv.Atoi(os.Getenv("JPY_PARENT_PID"))
	if err != nil || pid <= 1 {
		return
	}
	first := os.Getppid()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if first == pid && os.Getppid() != pid || !alive(pid) {
				quit()
				return
			}
		}
	}
}
