namespace Unroll.Training;

/// <summary>Training met NaN or infinity. The model has the weights from before the step that met it.</summary>
public sealed class TrainingDivergedException : ArithmeticException
{
    internal TrainingDivergedException(string message, string place, int epoch, int batch) : base(message)
    {
        Place = place;
        Epoch = epoch;
        Batch = batch;
    }

    /// <summary>Where the first such number arose: "inputs", "targets", a layer's or a parameter's name, or "loss".</summary>
    public string Place { get; }

    /// <summary>The epoch's number, from 1.</summary>
    public int Epoch { get; }

    /// <summary>The step within the epoch, from 1.</summary>
    public int Batch { get; }
}
