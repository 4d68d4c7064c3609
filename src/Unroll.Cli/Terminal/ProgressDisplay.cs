using Spectre.Console;
using Spectre.Console.Rendering;

namespace Unroll.Cli.Terminal;

/// <summary>Shows how far work has come on the screen's error writer: a bar with rate and time left on a terminal, plain lines elsewhere.</summary>
internal static class ProgressDisplay
{
    /// <summary>The least time between plain lines.</summary>
    public static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(3);

    /// <summary>Does the work, showing what it reports, and returns its result.</summary>
    /// <param name="screen">Where to show it.</param>
    /// <param name="title">What is being done: "training".</param>
    /// <param name="total">The number of steps, above 0.</param>
    /// <param name="unit">What a step is, in the plural: "epochs".</param>
    /// <param name="work">The work; it may report from any thread.</param>
    public static T Run<T>(Screen screen, string title, double total, string unit, Func<IProgress<ProgressStep>, T> work)
    {
        if (!screen.ErrorIsTerminal)
            return work(new PlainProgress(screen.Error, title, total, unit, TimeProvider.System, PlainInterval));
        return screen.Ansi(error: true).Progress()
            .AutoClear(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = Math.Clamp(screen.Width - 64, 8, 40) }, new PercentageColumn(), new RateColumn(unit), new RemainingTimeColumn())
            .Start(context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(title), maxValue: total);
                T result = work(new BarProgress(task, title));
                task.StopTask();
                return result;
            });
    }

    private sealed class BarProgress(ProgressTask task, string title) : IProgress<ProgressStep>
    {
        public void Report(ProgressStep value)
        {
            if (value.Total is double total) task.MaxValue = total;
            task.Value = value.Completed;
            task.Description = Markup.Escape(value.Note.Length == 0 ? title : $"{title}  {value.Note}");
        }
    }

    private sealed class RateColumn(string unit) : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Spectre.Console.Text(task.Speed is double speed ? PlainProgress.Rate(speed, unit) : "");
    }
}
