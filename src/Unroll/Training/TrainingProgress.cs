namespace Unroll.Training;

/// <summary>Where a training stands, reported after every step.</summary>
/// <param name="Epoch">The epoch's number, from 1.</param>
/// <param name="Epochs">How many epochs are meant to be.</param>
/// <param name="Batch">Steps done in this epoch, from 1.</param>
/// <param name="Batches">Steps an epoch.</param>
/// <param name="Loss">The mean loss over the epoch so far.</param>
/// <param name="Examples">Examples in the step just done.</param>
public readonly record struct TrainingProgress(int Epoch, int Epochs, int Batch, int Batches, double Loss, int Examples);
