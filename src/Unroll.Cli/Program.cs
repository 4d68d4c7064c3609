using Unroll.Cli;
using Unroll.Cli.Terminal;

// The first Ctrl-C (or a request to end) asks the work to stop, which may write a checkpoint; the second ends the process.
var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
};
using var terminate = System.Runtime.InteropServices.PosixSignalRegistration.Create(
    System.Runtime.InteropServices.PosixSignal.SIGTERM,
    signal =>
    {
        signal.Cancel = !stop.IsCancellationRequested;
        stop.Cancel();
    });

return await CommandLine.RunAsync(args, Screen.Detect(), stop.Token);
