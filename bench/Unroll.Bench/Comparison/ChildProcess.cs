using System.Diagnostics;

namespace Unroll.Bench.Comparison;

/// <summary>Runs a command to its end.</summary>
internal static class ChildProcess
{
    /// <summary>Runs it; its output is kept for the message of a failure.</summary>
    /// <exception cref="ChildFailedException">It cannot be started, or ends with another code than 0.</exception>
    /// <exception cref="OperationCanceledException">Stopped; the process was ended.</exception>
    public static string Run(IReadOnlyList<string> command, IReadOnlyDictionary<string, string?> environment, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(command[0]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in command.Skip(1)) start.ArgumentList.Add(argument);
        foreach ((string name, string? value) in environment) start.Environment[name] = value;
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception cause)
        {
            throw new ChildFailedException($"{command[0]} cannot be started: {cause.Message}");
        }
        using (process)
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None), error = process.StandardError.ReadToEndAsync(CancellationToken.None);
            using (cancel.Register(() => process.Kill(entireProcessTree: true))) process.WaitForExit();
            cancel.ThrowIfCancellationRequested();
            if (process.ExitCode == 0) return output.Result;
            string last = error.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "it wrote nothing";
            throw new ChildFailedException($"{Path.GetFileName(command[0])} ended with code {process.ExitCode}: {last.Trim()}");
        }
    }
}

/// <summary>A command that failed, with the last line that it wrote.</summary>
internal sealed class ChildFailedException(string message) : Exception(message);
