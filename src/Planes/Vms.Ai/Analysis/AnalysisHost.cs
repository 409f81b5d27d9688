namespace Vms.Ai.Analysis;

/// <summary>Starts the analyses that are on disk and the thread that runs them; neither needs control or the bus.</summary>
internal sealed class AnalysisHost(AnalysisRegistry analyses, LeftOutEvents leftOut, DrainLoop loop) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        analyses.Load();
        leftOut.Tell();
        loop.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.Run(loop.Stop, CancellationToken.None);
}
