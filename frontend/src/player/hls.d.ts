/** The few words of hls.js that we speak: its own description needs much longer to be checked than all of ours. */
declare module "hls.js" {
  interface Level {
    width: number;
    height: number;
    bitrate: number;
  }
  interface Trouble {
    fatal: boolean;
    type: string;
    details: string;
    response?: { code: number };
  }
  export default class Hls {
    constructor(config: Record<string, unknown>);
    static readonly Events: {
      MANIFEST_PARSED: "hlsManifestParsed";
      LEVEL_SWITCHED: "hlsLevelSwitched";
      FRAG_BUFFERED: "hlsFragBuffered";
      ERROR: "hlsError";
    };
    static readonly ErrorTypes: { MEDIA_ERROR: "mediaError" };
    readonly levels: Level[];
    readonly autoLevelEnabled: boolean;
    readonly currentLevel: number;
    nextLevel: number;
    on(event: "hlsError", hear: (event: string, trouble: Trouble) => void): void;
    on(event: string, hear: () => void): void;
    attachMedia(media: HTMLMediaElement): void;
    loadSource(url: string): void;
    startLoad(position: number): void;
    recoverMediaError(): void;
    destroy(): void;
  }
}
