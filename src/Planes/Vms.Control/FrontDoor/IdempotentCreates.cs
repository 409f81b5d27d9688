using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.FrontDoor;

/// <summary>Endpoint metadata: the create takes an <c>Idempotency-Key</c>.</summary>
internal sealed record AnswersOnce;

internal static class IdempotentCreate
{
    /// <summary>The create takes an <c>Idempotency-Key</c>.</summary>
    public static RouteHandlerBuilder AnswersOnce(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new AnswersOnce())
        .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
}

/// <summary>
/// The same <c>Idempotency-Key</c> and request of one account get the first answer again, for a day: a client that saw none can ask again without
/// making a second thing. Only successes are kept; after a refusal, and after a failure before anything was made, the key is free.
/// </summary>
/// <remarks>Not an endpoint filter: those see the body when it has been read, and the answer before it is written.</remarks>
internal sealed partial class IdempotentCreates(IdempotencyStore store, ILogger<IdempotentCreates> logger)
{
    public const string Header = "Idempotency-Key";

    /// <summary>Says that the answer is the first one once more.</summary>
    public const string ReplayedHeader = "Idempotent-Replayed";

    private const int MaxKeyLength = 255;

    /// <summary>Some 300 kB. What is forgotten is said to be unknown.</summary>
    private const int MaxEnded = 1000;

    private static readonly string[] s_kept = [HeaderNames.ContentType, HeaderNames.Location, HeaderNames.ETag];

    /// <summary>Keys whose first request goes on. Control is one process: an unanswered key that is not among them was cut off.</summary>
    private readonly ConcurrentDictionary<(Guid Account, string Key), byte> _going = new();

    /// <summary>Keys whose request has ended for certain, with or without having made anything: the database can say which once it is there again.</summary>
    private readonly ConcurrentDictionary<(Guid Account, string Key), DoneBefore> _ended = new();

    /// <summary>Middleware behind authorisation.</summary>
    public Task AnswerOnceAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<AnswersOnce>() is null || !context.Request.Headers.TryGetValue(Header, out var keys)
            || Caller.Of(context.User)?.Principal is not { } principal)
        {
            return next(context);
        }

        return keys is [{ Length: > 0 and <= MaxKeyLength } key] && key.All(c => c is > ' ' and <= '~')
            ? FirstOrAgainAsync(context, next, principal.Id, key)
            : Problems.Fields(new FieldProblem(Header, "invalidValue", $"Use one key of at most {MaxKeyLength} visible ASCII characters")).ExecuteAsync(context);
    }

    private async Task FirstOrAgainAsync(HttpContext context, RequestDelegate next, Guid account, string key)
    {
        if (!_going.TryAdd((account, key), 0))
        {
            context.Response.Headers.RetryAfter = "1";
            await GoesOn().ExecuteAsync(context);
            return;
        }

        try
        {
            var hash = await HashAsync(context.Request, context.RequestAborted);
            var before = await store.DoneBeforeAsync(Actor.Of(context), context.RequestAborted);
            // To its end, also when the client goes away: a key that is taken has somebody who lets go of it.
            if (await TakeAsync(account, key, hash) is not { } taken)
                await FirstAsync(context, next, account, key, before);
            else if (!hash.AsSpan().SequenceEqual(taken.Hash))
                await Problems.Of(StatusCodes.Status422UnprocessableEntity, "idempotencyKeyReused", "The key was used for another request", "Use a new key for each new thing.").ExecuteAsync(context);
            else if (taken.Answer is { } answer)
                await AgainAsync(context, answer);
            else
                await CutOff().ExecuteAsync(context);
        }
        finally
        {
            _going.TryRemove((account, key), out _);
        }
    }

    private async Task<TakenKey?> TakeAsync(Guid account, string key, byte[] hash)
    {
        var taken = await store.TakeAsync(account, key, hash, CancellationToken.None);
        if (taken is not { Answer: null } || !_ended.TryGetValue((account, key), out var before))
            return taken;
        bool isFree = await store.TakeOverAsync(account, key, hash, before, CancellationToken.None);
        _ended.TryRemove((account, key), out _);
        return isFree ? null : taken;
    }

    /// <summary>A client that goes away does not end what it began: it is to find the answer when it comes back.</summary>
    private async Task FirstAsync(HttpContext context, RequestDelegate next, Guid account, string key, DoneBefore before)
    {
        context.RequestAborted = CancellationToken.None;
        var client = context.Response.Body;
        using var body = new MemoryStream();
        context.Response.Body = body;
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException)
        {
            await store.LetGoAsync(account, key, CancellationToken.None);
            throw;
        }
        catch (Exception e) when (HasEnded(e))
        {
            Remember(account, key, before);
            throw;
        }
        finally
        {
            context.Response.Body = client;
        }

        try
        {
            if (context.Response.StatusCode is >= 200 and < 300)
                await store.AnswerAsync(account, key, AnswerOf(context.Response, body.ToArray()), CancellationToken.None);
            else
                await store.LetGoAsync(account, key, CancellationToken.None);
        }
        catch (Exception e) when (DatabaseOutage.Is(e))
        {
            if (context.Response.StatusCode >= 300)
                Remember(account, key, before);
            else
                Log.NotKept(logger, context.Request.Path, e.Message);
        }

        if (body.Length > 0)   // else whoever fills in bodies for bare statuses is still to come
            await client.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), CancellationToken.None);
    }

    private void Remember(Guid account, string key, DoneBefore before)
    {
        if (_ended.Count >= MaxEnded)
            _ended.Clear();
        _ended[(account, key)] = before;
    }

    /// <summary>After this failure nothing of the request goes on in the database: the statement was refused and its transaction rolled back, or there
    /// was no connection to begin with. A connection that broke says nothing of what it was doing.</summary>
    internal static bool HasEnded(Exception e) => e switch
    {
        // cannot_connect_now, too_many_connections, and a database that takes no connections: whoever has one is not told so.
        PostgresException refused => refused.InvariantSeverity == "ERROR"
            || refused.SqlState is PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.ObjectNotInPrerequisiteState,
        NpgsqlException { InnerException: SocketException } => true,       // while it connects; later it is an IOException
        _ => false,
    };

    private static async Task AgainAsync(HttpContext context, StoredAnswer answer)
    {
        context.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
            context.Response.Headers[name] = value;
        context.Response.Headers[ReplayedHeader] = "true";
        context.Response.ContentLength = answer.Body.Length;
        await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }

    private static StoredAnswer AnswerOf(HttpResponse response, byte[] body) => new(
        response.StatusCode, s_kept.Where(response.Headers.ContainsKey).ToDictionary(name => name, name => response.Headers[name].ToString()), body);

    /// <summary>The body is read whole; Kestrel's ceiling for bodies holds.</summary>
    private static async Task<byte[]> HashAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}\n"));
        var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        hash.AppendData(body.GetBuffer(), 0, (int)body.Length);
        body.Position = 0;
        request.Body = body;
        return hash.GetHashAndReset();
    }

    private static ProblemHttpResult GoesOn() => Problems.Of(
        StatusCodes.Status409Conflict, "idempotencyInProgress", "The first request with this key goes on", "Ask again in a moment.");

    private static ProblemHttpResult CutOff() => Problems.Of(
        StatusCodes.Status409Conflict, "idempotencyOutcomeUnknown", "The first request with this key was cut off", "Look whether it was made. If not, ask with a new key.");

    private static partial class Log
    {
        [LoggerMessage(1850, LogLevel.Warning, "What {Path} answered is not kept for its idempotency key: {Reason}. Asked again with it, the outcome is said to be unknown")]
        public static partial void NotKept(ILogger logger, string path, string reason);
    }
}
