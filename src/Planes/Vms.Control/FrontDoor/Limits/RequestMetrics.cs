using System.Diagnostics.Metrics;
using Vms.Hosting;

namespace Vms.Control.FrontDoor.Limits;

/// <summary>
/// How long requests wait for their answer to begin, how they ended, and how many were refused for their number, by route. A route is
/// its pattern: the label set is as large as the API.
/// </summary>
internal sealed class RequestMetrics : IDisposable
{
    private const string Other = "other";
    private static readonly string[] s_methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    private readonly Meter _meter = new("Vms.Control.FrontDoor");
    private readonly TimeProvider _time;
    private readonly Histogram<double> _seconds;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _limited;

    public RequestMetrics(TimeProvider time)
    {
        _time = time;
        _seconds = _meter.CreateHistogram<double>("vms_http_request_seconds", description: "From a request's head to the head of its answer, by route.");
        _requests = _meter.CreateCounter<long>("vms_http_requests_total", description: "Requests by route, method and class of status; aborted: without an answer.");
        _limited = _meter.CreateCounter<long>("vms_http_rate_limited_total", description: "Requests refused with 429 by the rate limits, by route and limit.");
    }

    /// <summary>First of all: what is refused later counts, too.</summary>
    public async Task MeasureAsync(HttpContext context, RequestDelegate next)
    {
        if (context.IsLocalSocket())
        {
            await next(context);
            return;
        }

        // Before the handler of failures, which takes the endpoint away.
        var measured = new Measured(this, context, RouteOf(context), _time.GetTimestamp());
        context.Response.OnStarting(static state => ((Measured)state).EndAsync(), measured);
        try
        {
            await next(context);
        }
        finally
        {
            if (context.RequestAborted.IsCancellationRequested)
                measured.Abort();
        }
    }

    public void CountLimited(HttpContext context, RateClass kind) => _limited.Add(
        1, new("route", RouteOf(context)), new("limit", kind switch
        {
            RateClass.Write => "writes",
            RateClass.StreamStart => "streams",
            RateClass.Event => "events",
            _ => "refreshes",
        }));

    public void Dispose() => _meter.Dispose();

    private static string RouteOf(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? Other;

    private sealed class Measured(RequestMetrics metrics, HttpContext context, string route, long began)
    {
        private bool _counted;

        public Task EndAsync()
        {
            Count($"{context.Response.StatusCode / 100}xx");
            metrics._seconds.Record(metrics._time.GetElapsedTime(began).TotalSeconds, new KeyValuePair<string, object?>("route", route));
            return Task.CompletedTask;
        }

        /// <summary>Unless the answer had begun.</summary>
        public void Abort() => Count("aborted");

        private void Count(string status)
        {
            if (_counted)
                return;
            _counted = true;
            string method = context.Request.Method;
            metrics._requests.Add(1, new("route", route), new("method", s_methods.Contains(method) ? method : Other), new("status", status));
        }
    }
}
