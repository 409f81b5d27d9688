namespace Vms.Control.Jobs;

/// <summary>A kind of long work that is cut into steps. It may begin again at any step: whoever did it may have been killed.</summary>
internal interface IJobKind
{
    /// <summary>As <c>control.job.kind</c> and the API name it.</summary>
    string Name { get; }

    /// <summary>The others of the kind wait in the queue while one is done.</summary>
    bool IsOneAtATime => false;

    /// <summary>Somebody waits for it before a screen, and it is soon over: it never stands behind long work.</summary>
    bool IsAwaited => false;

    /// <summary>Does what is left and returns the result, serialized for the API. Notes after each step where to go on.</summary>
    /// <exception cref="JobFailedException">It cannot be done.</exception>
    /// <exception cref="JobWaitsException">Not now; it is tried again in a while.</exception>
    Task<object> RunAsync(JobRun run, CancellationToken cancellationToken);

    /// <summary>Called when a job of the kind is over, one way or another, and the database says so. Not where the process dies at that moment.</summary>
    Task OverAsync(JobRow row) => Task.CompletedTask;
}

/// <summary>Why a job ended without a result.</summary>
/// <param name="code">Stable.</param>
internal sealed class JobFailedException(string code, string detail) : Exception(detail)
{
    public string Code => code;
}

/// <summary>What it needs is away.</summary>
/// <param name="code">Stable; shown while it waits.</param>
/// <param name="after">It is not tried before; null: the usual while.</param>
internal sealed class JobWaitsException(string code, string detail, TimeSpan? after = null) : Exception(detail)
{
    public string Code => code;

    public TimeSpan? After => after;
}

/// <summary>Somebody cancelled the job, or another runner has it by now: nothing more may be done for it.</summary>
internal sealed class JobLostException() : Exception("the job is no longer this runner's");
